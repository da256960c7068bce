package server

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	stdioSessionID = "stdio"
	// maxNotifications bounds those of the library that wait to be written.
	maxNotifications = 100
)

// stdioSession is the one client of a pair of streams, as the library sees it. The method names are the library's.
type stdioSession struct {
	out           messageWriter
	notifications chan mcp.JSONRPCNotification
	initialized   atomic.Bool

	mu           sync.Mutex
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
	version      string
	asked        int64
	// questions are the requests of this server that the client has not answered, by id.
	questions map[string]chan message
}

var (
	_ mcpserver.SessionWithClientInfo      = (*stdioSession)(nil)
	_ mcpserver.SessionWithProtocolVersion = (*stdioSession)(nil)
	_ mcpserver.SessionWithElicitation     = (*stdioSession)(nil)
)

func newStdioSession(out messageWriter) *stdioSession {
	return &stdioSession{
		out: out, notifications: make(chan mcp.JSONRPCNotification, maxNotifications), questions: map[string]chan message{},
	}
}

// SessionID names the session.
func (s *stdioSession) SessionID() string { return stdioSessionID }

// NotificationChannel takes what the library has to tell the client.
func (s *stdioSession) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.notifications }

// Initialize notes that the client has shaken hands.
func (s *stdioSession) Initialize() { s.initialized.Store(true) }

// Initialized reports whether the client has shaken hands.
func (s *stdioSession) Initialized() bool { return s.initialized.Load() }

// GetClientInfo gives who the client says it is.
func (s *stdioSession) GetClientInfo() mcp.Implementation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info
}

// SetClientInfo notes who the client says it is.
func (s *stdioSession) SetClientInfo(info mcp.Implementation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info = info
}

// GetClientCapabilities gives what the client can do.
func (s *stdioSession) GetClientCapabilities() mcp.ClientCapabilities {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.capabilities
}

// SetClientCapabilities notes what the client can do.
func (s *stdioSession) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capabilities = capabilities
}

// ProtocolVersion gives the version that was agreed on.
func (s *stdioSession) ProtocolVersion() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// SetProtocolVersion notes the version that was agreed on.
func (s *stdioSession) SetProtocolVersion(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

// forward writes what the library has to tell, until ctx ends.
func (s *stdioSession) forward(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case notification := <-s.notifications:
			if encoded, err := json.Marshal(notification); err == nil {
				_ = s.out.deliver(encoded, always) // the writer remembers that it failed
			}
		}
	}
}

// RequestElicitation puts a question to the user and waits for the answer.
func (s *stdioSession) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	id, answered := s.ask()
	defer s.forget(id)
	question, err := json.Marshal(mcp.JSONRPCRequest{
		JSONRPC: mcp.JSONRPC_VERSION, ID: mcp.NewRequestId(json.RawMessage(id)), Params: request.Params,
		Request: mcp.Request{Method: string(mcp.MethodElicitationCreate)},
	})
	if err != nil {
		return nil, fmt.Errorf("encode the question: %w", err)
	}
	if err := s.out.deliver(question, always); err != nil {
		return nil, fmt.Errorf("ask the user: %w", err)
	}
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("ask the user: %w", ctx.Err())
	case answer := <-answered:
		return elicited(answer)
	}
}

// elicited reads the user's answer.
func elicited(answer message) (*mcp.ElicitationResult, error) {
	if answer.Error != nil {
		var refused mcp.JSONRPCErrorDetails
		if err := json.Unmarshal(answer.Error, &refused); err != nil {
			return nil, fmt.Errorf("read why the client does not ask: %w", err)
		}
		return nil, fmt.Errorf("ask the user: %s (%d)", refused.Message, refused.Code)
	}
	result := &mcp.ElicitationResult{}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return nil, fmt.Errorf("read the user's answer: %w", err)
	}
	return result, nil
}

// ask opens a question.
func (s *stdioSession) ask() (id string, answered <-chan message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	id = strconv.FormatInt(s.asked, 10)
	open := make(chan message, 1)
	s.questions[id] = open
	return id, open
}

func (s *stdioSession) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.questions, id)
}

// answered takes a response of the client. What was not asked, or is answered already, changes nothing.
func (s *stdioSession) answered(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	open, ok := s.questions[string(m.ID)]
	if !ok {
		return
	}
	delete(s.questions, string(m.ID))
	open <- m
}
