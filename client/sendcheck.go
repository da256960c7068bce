package client

import "context"

type sendCheckKey struct{}

// WithSendCheck gives a context for calls that must not begin too late. Ahead of each attempt of an operation of any class
// but [Read], check is asked; when it gives an error nothing is sent, and the call fails with an [APIError] that is NotSent
// and wraps it.
func WithSendCheck(ctx context.Context, check func() error) context.Context {
	return context.WithValue(ctx, sendCheckKey{}, check)
}

// heldBackError is an attempt that a send check refused.
type heldBackError struct{ cause error }

func (e *heldBackError) Error() string { return e.cause.Error() }
func (e *heldBackError) Unwrap() error { return e.cause }

// heldBack asks the send check of a context, if there is one.
func heldBack(ctx context.Context, o *operation) error {
	if o.Class == Read {
		return nil
	}
	if check, ok := ctx.Value(sendCheckKey{}).(func() error); ok {
		if err := check(); err != nil {
			return &heldBackError{err}
		}
	}
	return nil
}
