package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// The eras of the protocol, by a revision of each.
const (
	legacy = "2025-11-25"
	modern = "2026-07-28"
)

// patience is for how long a call is tried again until it counts as lost.
const patience = 3 * time.Minute

// attemptTime bounds one attempt.
const attemptTime = time.Minute

// caller is a client of one era that tries again what failed on the way, as an application would.
type caller struct {
	endpoint, version string
	http              *http.Client
	session           *mcp.ClientSession
	tally             *tally
}

func newCaller(endpoint, version string, counted *tally) *caller {
	c := newSteadyCaller(endpoint, version, counted)
	c.http.Transport = &lossy{next: newTransport()}
	return c
}

// newSteadyCaller makes one whose network loses nothing, for tests that look at whether an answer is a replay.
func newSteadyCaller(endpoint, version string, counted *tally) *caller {
	return &caller{endpoint: endpoint, version: version, tally: counted, http: &http.Client{Transport: newTransport()}}
}

func newTransport() *http.Transport { return &http.Transport{MaxIdleConnsPerHost: 4} }

// lossOf is how many answers come to one that is lost on the way to the client.
const lossOf = 50

// lossy is a network on which answers are lost: the server has done what it was asked, and the client never learns of it.
type lossy struct {
	next *http.Transport
}

var errAnswerLost = errors.New("the answer was lost on purpose")

func (l *lossy) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := l.next.RoundTrip(request)
	if err != nil || request.Method != http.MethodPost || rand.N(lossOf) > 0 { //nolint:gosec // chance is all that is needed
		return response, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return nil, errors.Join(errAnswerLost, err, response.Body.Close())
}

// CloseIdleConnections is what [http.Client] calls.
func (l *lossy) CloseIdleConnections() { l.next.CloseIdleConnections() }

// close ends the session; a replica that is gone cannot be told.
func (c *caller) close() {
	if c.session != nil {
		_ = c.session.Close()
		c.session = nil
	}
	c.http.CloseIdleConnections()
}

// open gives the session, and makes one if there is none.
func (c *caller) open(ctx context.Context) (*mcp.ClientSession, error) {
	if c.session != nil {
		return c.session, nil
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "cluster", Version: "1"}, nil)
	session, err := client.Connect(context.WithoutCancel(ctx),
		&mcp.StreamableClientTransport{Endpoint: c.endpoint, HTTPClient: c.http}, &mcp.ClientSessionOptions{ProtocolVersion: c.version})
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if got := session.InitializeResult().ProtocolVersion; got != c.version {
		_ = session.Close() // it fell back, since the answer to its first question was lost
		return nil, fmt.Errorf("connect: revision %s instead of %s", got, c.version)
	}
	c.session = session
	return session, nil
}

// reply is what a tool answered: a result or an error.
type reply struct {
	result  map[string]any
	failure *failure
}

// failure is an error as tools tell it.
type failure struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Retryable bool   `json:"retryable"`
}

func (f *failure) Error() string { return f.Code + ": " + f.Message }

// errLost is for a call that was not answered in time.
var errLost = errors.New("lost")

// call calls a tool until it is answered. Whatever goes wrong on the way is tried again with the same arguments; a refusal
// of the protocol is an error.
func (c *caller) call(ctx context.Context, tool string, arguments map[string]any) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for attempt := range 1 << 10 {
		answered, err := c.attempt(ctx, tool, arguments)
		switch {
		case err == nil && (answered.failure == nil || !again(answered.failure)):
			return answered, nil
		case err == nil:
			c.tally.asked(answered.failure.Code)
		case refused(err):
			return reply{}, err
		default:
			c.tally.broke(err)
			c.close()
		}
		select {
		case <-ctx.Done():
			return reply{}, fmt.Errorf("%w: %s: %w", errLost, tool, err)
		case <-time.After(backoff(attempt)):
		}
	}
	return reply{}, errLost
}

// again reports whether a tool said that the same call may succeed a little later.
func again(f *failure) bool { return f.Retryable || f.Code == "canceled" }

// backoff is a random pause that grows to a second.
func backoff(attempt int) time.Duration {
	most := min(20*time.Millisecond<<min(attempt, 6), time.Second)
	return most/2 + rand.N(most/2) //nolint:gosec // chance is all that is needed
}

// refused reports that the server answered with an error of the protocol, other than those by which the client's library
// says that no answer came.
func refused(err error) bool {
	wire, ok := errors.AsType[*jsonrpc.Error](err)
	return ok && wire.Code <= jsonrpc.CodeInvalidRequest && wire.Code >= jsonrpc.CodeParseError
}

// attempt calls a tool once.
func (c *caller) attempt(ctx context.Context, tool string, arguments map[string]any) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	session, err := c.open(ctx)
	if err != nil {
		return reply{}, err
	}
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return reply{}, err
	}
	if len(result.Content) == 0 {
		return reply{}, fmt.Errorf("%s: no content", tool)
	}
	text, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		return reply{}, fmt.Errorf("%s: the content is no text", tool)
	}
	var answered reply
	if result.IsError {
		answered.failure = &failure{}
		return answered, json.Unmarshal([]byte(text.Text), answered.failure)
	}
	return answered, json.Unmarshal([]byte(text.Text), &answered.result)
}
