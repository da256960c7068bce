package server

import (
	"context"
	"encoding/json"
	"errors"
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
	agreement

	out           messageWriter
	notifications chan mcp.JSONRPCNotification
	initialized   atomic.Bool
	listening     subscriptions
	flushes       chan chan struct{} // asks for all notifications that are waiting to be written
	forwarded     chan struct{}      // closed when none are forwarded any more

	asking sync.Mutex
	asked  int64
	// questions are the requests of this server that the client has not answered, by id.
	questions map[string]chan message
	deaf      chan struct{} // closed when no answers are read any more
}

// errUnheard says that the client's answer to a question cannot be heard any more.
var errUnheard = errors.New("the connection ended before the user answered")

var (
	_ mcpserver.SessionWithClientInfo      = (*stdioSession)(nil)
	_ mcpserver.SessionWithProtocolVersion = (*stdioSession)(nil)
	_ mcpserver.SessionWithElicitation     = (*stdioSession)(nil)
)

func newStdioSession(out messageWriter) *stdioSession {
	return &stdioSession{
		out: out, notifications: make(chan mcp.JSONRPCNotification, maxNotifications), questions: map[string]chan message{},
		deaf: make(chan struct{}), flushes: make(chan chan struct{}), forwarded: make(chan struct{}),
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

// forward writes what the library has to tell, until ctx ends.
func (s *stdioSession) forward(ctx context.Context) {
	defer close(s.forwarded)
	for {
		select {
		case <-ctx.Done():
			return
		case notification := <-s.notifications:
			s.write(notification)
		case written := <-s.flushes:
			s.writeWaiting()
			close(written)
		}
	}
}

// flush returns when everything that the library had to tell is written: an answer must not overtake what precedes it.
func (s *stdioSession) flush() {
	written := make(chan struct{})
	select {
	case s.flushes <- written:
		<-written
	case <-s.forwarded:
		s.writeWaiting()
	}
}

func (s *stdioSession) writeWaiting() {
	for {
		select {
		case notification := <-s.notifications:
			s.write(notification)
		default:
			return
		}
	}
}

func (s *stdioSession) write(notification mcp.JSONRPCNotification) {
	if encoded, err := json.Marshal(notification); err == nil {
		_ = s.out.deliver(s.listening.restore(encoded), always) // the writer remembers that it failed
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
	case <-s.deaf:
	}
	select {
	case answer := <-answered: // it was the last that was read
		return elicited(answer)
	default:
		return nil, errUnheard
	}
}

// unheard ends the questions that are open, and those to come: nobody reads their answers. It must be called once.
func (s *stdioSession) unheard() { close(s.deaf) }

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
	s.asking.Lock()
	defer s.asking.Unlock()
	s.asked++
	id = strconv.FormatInt(s.asked, 10)
	open := make(chan message, 1)
	s.questions[id] = open
	return id, open
}

func (s *stdioSession) forget(id string) {
	s.asking.Lock()
	defer s.asking.Unlock()
	delete(s.questions, id)
}

// answered takes a response of the client. What was not asked, or is answered already, changes nothing.
func (s *stdioSession) answered(m message) {
	s.asking.Lock()
	defer s.asking.Unlock()
	open, ok := s.questions[string(m.ID)]
	if !ok {
		return
	}
	delete(s.questions, string(m.ID))
	open <- m
}
