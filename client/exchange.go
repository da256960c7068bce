package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// maxResponseBytes bounds an answer's body after decompression.
const maxResponseBytes = 8 << 20

var errResponseTooLarge = errors.New("the answer is larger than 8 MiB")

// exchange follows one call through its attempts, and is the context that they are made in. Only the goroutine of the
// call writes to it.
type exchange struct {
	context.Context // the caller's
	connecting

	operation *operation
	route     Route
	timeout   time.Duration
	deadline  time.Time
	// upload opens a fresh body for each attempt, or is nil.
	upload *uploadBody
	// streaming says that an event stream is wanted; stream is the one that came.
	streaming bool
	stream    io.ReadCloser
	// keyed says that the call carries an idempotency key.
	keyed    bool
	budget   *retryBudget
	upstream *upstream
	jitter   func() float64

	attempts int
	delay    time.Duration
	status   int
	body     []byte
	// members are those of the body where it is a JSON object, and room is for the usual few.
	members []part
	room    [4]part
	// unsent says that the last attempt provably did not reach the platform; ahead of the first it is true.
	unsent bool
	// left says that an attempt may have reached the platform.
	left bool
}

type exchangeKey struct{}

// withExchange gives the context of an exchange that a caller began.
func withExchange(ctx context.Context, e *exchange) context.Context {
	e.Context = ctx
	return e
}

// Value lets [exchangeFrom] find the exchange.
func (e *exchange) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return e
	}
	return e.Context.Value(key)
}

func exchangeFrom(ctx context.Context) *exchange {
	e, _ := ctx.Value(exchangeKey{}).(*exchange)
	return e
}

// over reports whether the caller has left or the call has taken as long as it may.
func (e *exchange) over() bool { return e.Err() != nil || !time.Now().Before(e.deadline) }

// attempt bounds an attempt that begins now, and ends with the call at the latest.
func (e *exchange) attempt(ctx context.Context, now time.Time) (context.Context, context.CancelFunc) {
	if end := now.Add(e.timeout); end.Before(e.deadline) {
		return e.upstream.deadlines.bound(ctx, end, errAttemptTimeout)
	}
	return e.upstream.deadlines.bound(ctx, e.deadline, context.DeadlineExceeded)
}

// exchangeTransport carries out one attempt, if the host's breaker lets it: it bounds its time, notes whether the
// request may have left, gives it a body of its own, and reads the whole answer up to the cap. Reading here makes a
// truncated or endless body an error of the attempt, under the attempt's deadline.
type exchangeTransport struct {
	next     http.RoundTripper
	observer Observer
}

func (t *exchangeTransport) RoundTrip(request *http.Request) (_ *http.Response, err error) {
	e := exchangeFrom(request.Context())
	if e == nil {
		return nil, errors.New("send request: it does not come from this client")
	}
	e.status, e.body, e.members, e.unsent = 0, nil, nil, false
	request, ended := t.observe(e, request)
	defer func() { ended(err) }()
	var done func(error)
	if err = heldBack(e, e.operation); err == nil {
		done, err = e.upstream.breaker.allow(e.operation)
	}
	if err != nil {
		closeBody(request) // a transport closes what it is given
		e.unsent = !e.left
		return nil, err
	}
	defer func() { e.left = e.left || !e.unsent }()
	outcome := errAttemptFailed // unless the attempt ends
	defer func() { e.upstream.breaker.settle(e.operation, done, outcome) }()
	started := time.Now()
	response, err := t.attempt(e, request, started)
	outcome = e.upstream.breaker.outcome(e, started, err)
	return response, err
}

func (t *exchangeTransport) attempt(e *exchange, request *http.Request, started time.Time) (*http.Response, error) {
	e.attempts++
	ctx, cancel := e.attempt(request.Context(), started)
	e.upstream.connections.enter()
	defer func() {
		if e.stream == nil {
			cancel()
			e.upstream.connections.leave()
		}
	}()
	if ctx.Err() != nil {
		closeBody(request) // a transport closes what it is given
		e.unsent = true    // no transport was asked yet
		return nil, attemptError(ctx, ctx.Err())
	}
	_, traced := t.next.(*http.Transport)
	request = request.WithContext(e.trace(ctx, traced))
	if e.upload != nil {
		request.Body = e.upload.open()
		request.ContentLength = e.upload.length
	}
	// Without GetBody net/http cannot send a request a second time behind our back.
	if e.operation.Class != Read {
		request.GetBody = nil
	}

	response, err := t.next.RoundTrip(request)
	if err != nil {
		e.unsent = e.neverSent(err)
		return nil, attemptError(ctx, err)
	}
	e.upstream.clock.observe(started, time.Now(), response.Header)
	if e.streaming && isEventStream(response) {
		ended := sync.OnceFunc(func() { cancel(); e.upstream.connections.leave() })
		e.status, e.stream = response.StatusCode, &answerStream{ReadCloser: response.Body, done: ended}
		response.Body = http.NoBody
		return response, nil
	}
	defer func() { _ = response.Body.Close() }()
	body, err := readBody(response, maxResponseBytes)
	if err != nil {
		e.status = response.StatusCode
		return nil, attemptError(ctx, err)
	}
	e.status, e.body = response.StatusCode, body
	response.Body = http.NoBody
	return response, nil
}

func closeBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
}

func isEventStream(response *http.Response) bool {
	return mediaType(response.Header) == "text/event-stream" && response.StatusCode == http.StatusOK
}

// attemptError names the deadline, the attempt's own or the call's, where that is what ended it.
func attemptError(ctx context.Context, err error) error {
	for _, deadline := range []error{errAttemptTimeout, context.DeadlineExceeded} {
		if errors.Is(context.Cause(ctx), deadline) {
			return deadline
		}
	}
	return err
}

// firstRead is the room for an answer of unknown length, in bytes.
const firstRead = 16 << 10

// readBody reads an answer whole, in one allocation where its length is known, and never holds more than the limit.
func readBody(response *http.Response, limit int64) ([]byte, error) {
	if response.ContentLength > limit {
		return nil, errResponseTooLarge
	}
	room := int64(firstRead)
	if response.ContentLength >= 0 {
		room = response.ContentLength + 1 // one more, to see the end without growing
	}
	body := make([]byte, 0, room)
	for {
		if len(body) == cap(body) {
			grown := make([]byte, len(body), min(2*int64(cap(body)), limit+1))
			copy(grown, body)
			body = grown
		}
		n, err := response.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, errResponseTooLarge
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, err
		}
	}
}
