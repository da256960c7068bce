package server

import (
	"context"
	"log/slog"
)

// maxStreamsEach is what one authenticated caller can hold of the open SSE streams, so that none keeps the others out.
const maxStreamsEach = 64

// findOwn gives the stream of an id if the caller of a request has opened it: to others it does not exist.
func (e *events) findOwn(ctx context.Context, id string) (*stream, bool) {
	e.mu.Lock()
	found, ok := e.streams[id]
	e.mu.Unlock()
	if ok && found.caller != principalID(ctx) {
		e.logger.WarnContext(ctx, "a caller used the session of another one", slog.String("transport", "sse"),
			slog.String("caller", principalID(ctx)), slog.String("owner", found.caller))
		return nil, false
	}
	return found, ok
}

// tooMany reports whether an authenticated caller can open no further stream. The caller holds the lock.
func (e *events) tooMany(caller string) bool {
	if caller == "" {
		return false
	}
	own := 0
	for _, open := range e.streams {
		if open.caller == caller {
			own++
		}
	}
	return own >= maxStreamsEach
}
