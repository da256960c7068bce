package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Attempt is one try of a call, as an [Observer] learns of it. It holds nothing of the call's own: no id, no argument,
// no address.
type Attempt struct {
	// Operation says what is attempted, for example "list agents".
	Operation string
	Class     Class
	// Method is the HTTP method, and Route the path below /api with its placeholders, for example /agents/{agent}.
	Method, Route string
	// Number counts the attempts of a call on a route from 1. The breaker's refusal is one as well.
	Number int
}

// AttemptResult is how an attempt ended.
type AttemptResult struct {
	// StatusCode is the HTTP status, or 0 when no answer came.
	StatusCode int
	// Duration is from the attempt's beginning to the whole answer, or to the headers of an event stream.
	Duration time.Duration
	// Kind is why there is no whole answer: [ErrTimeout], [ErrCanceled], [ErrUnavailable] or [ErrBadResponse]. It is nil
	// where one came, whatever its status.
	Kind error
	// Refused says that the circuit breaker kept the attempt from being made.
	Refused bool
}

// Observer is told of every attempt ahead of it, and may add to its headers, as trace contexts do. The function that it
// gives is called once, with how the attempt ended. Both must be quick, and safe for concurrent use.
type Observer func(ctx context.Context, attempt Attempt, header http.Header) (ended func(AttemptResult))

// WithObserver has every attempt of every call observed.
func WithObserver(observer Observer) Option {
	return func(s *settings) error {
		if observer == nil {
			return errors.New("use observer: it is nil")
		}
		s.observer = observer
		return nil
	}
}

// observe tells the observer of an attempt, and gives the request with what the observer added and the function that
// tells it of the end.
func (t *exchangeTransport) observe(e *exchange, request *http.Request) (observed *http.Request, ended func(error)) {
	if t.observer == nil {
		return request, func(error) {}
	}
	started, ctx := time.Now(), request.Context()
	request = request.WithContext(ctx) // a transport does not change what it is given
	request.Header = request.Header.Clone()
	tell := t.observer(ctx, Attempt{
		Operation: e.operation.Name, Class: e.operation.Class, Method: e.route.Method, Route: e.route.Path, Number: e.attempts + 1,
	}, request.Header)
	if tell == nil {
		return request, func(error) {}
	}
	return request, func(err error) {
		result := AttemptResult{StatusCode: e.status, Duration: time.Since(started)}
		if err != nil {
			_, result.Kind = transportKind(ctx, e, err)
			if _, refused := errors.AsType[*breakerOpenError](err); refused {
				result.Kind, result.Refused = ErrUnavailable, true
			}
		}
		tell(result)
	}
}

// BreakerState is how the client stands to its platform's host.
type BreakerState string

// The states of a circuit breaker.
const (
	// BreakerClosed lets every call through.
	BreakerClosed BreakerState = "closed"
	// BreakerOpen lets none through: the host failed too often in a row.
	BreakerOpen BreakerState = "open"
	// BreakerHalfOpen lets a single read find out whether the host is back.
	BreakerHalfOpen BreakerState = "half_open"
)

// Breaker gives the state of the circuit breaker of this client's host.
func (c *Client) Breaker() BreakerState {
	switch c.upstream.breaker.circuit.State() {
	case gobreaker.StateOpen:
		return BreakerOpen
	case gobreaker.StateHalfOpen:
		return BreakerHalfOpen
	default:
		return BreakerClosed
	}
}
