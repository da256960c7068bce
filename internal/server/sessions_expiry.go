package server

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"
)

const (
	// sessionTTL is how long a session may be idle. One with an open stream is not.
	sessionTTL = 30 * time.Minute
	// expiryInterval is how often those are looked for that have been idle for longer.
	expiryInterval = sessionTTL / 10
)

// expire ends the sessions that have been idle for long, until ctx ends.
func (s *sessions) expire(ctx context.Context) {
	ticks, stop := s.clock.ticks(expiryInterval)
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			for _, id := range s.idle() {
				s.expired(ctx, id)
			}
		}
	}
}

// expired drops what is kept of a session. A mistake in that must not end the server.
func (s *sessions) expired(ctx context.Context, id string) {
	defer func() {
		if value := recover(); value != nil {
			s.logger.ErrorContext(ctx, "a session cannot be forgotten", slog.Any("panic", value), slog.String("stack", string(debug.Stack())))
		}
	}()
	s.forget(id)
}

// idle gives the sessions that have been idle for long. No request can use them any more.
func (s *sessions) idle() (ended []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	for place := s.recent.Back(); place != nil; {
		candidate, _ := place.Value.(*session)
		place = place.Prev()
		switch {
		case candidate.busy > 0:
		case now.Sub(candidate.last) < sessionTTL:
			return ended // the others were used later
		default:
			s.remove(candidate)
			ended = append(ended, candidate.id)
		}
	}
	return ended
}
