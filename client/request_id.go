package client

import (
	"context"
	"sync/atomic"
)

type requestIDKey struct{}

// CaptureRequestID lets a caller learn the platform's id of the last request that is made with the context, for the
// platform's support. The function gives it, or nothing when the platform told none.
func CaptureRequestID(ctx context.Context) (captured context.Context, id func() string) {
	last := new(atomic.Pointer[string])
	return context.WithValue(ctx, requestIDKey{}, last), func() string {
		if found := last.Load(); found != nil {
			return *found
		}
		return ""
	}
}

// noteRequestID keeps the id of an answer for whoever captures it.
func noteRequestID(ctx context.Context, id string) {
	if id == "" {
		return
	}
	if last, ok := ctx.Value(requestIDKey{}).(*atomic.Pointer[string]); ok {
		kept := id // else every id would be kept, asked for or not
		last.Store(&kept)
	}
}
