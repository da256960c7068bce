package server

import (
	"context"
	"net/http"
)

// connectionKey carries the context that ends with the connection of a request that outlasts it, and lifeKey the one
// that ends with its session.
type (
	connectionKey struct{}
	lifeKey       struct{}
)

// connectionOf gives the context that ends when the client of a request can get no more on its connection.
func connectionOf(ctx context.Context) context.Context {
	if connection, ok := ctx.Value(connectionKey{}).(context.Context); ok {
		return connection
	}
	return ctx
}

// sessionEnded reports whether the session or stream that a request belongs to is over.
func sessionEnded(ctx context.Context) bool {
	if target := streamOf(ctx); target != nil {
		return target.ctx.Err() != nil
	}
	life, ok := ctx.Value(lifeKey{}).(context.Context)
	return ok && life.Err() != nil
}

// outlast makes a request go on when its connection breaks, as the revisions before 2026 want it: their clients say so
// when they give up a call. It ends then with life, after which nobody can say so any more. The caller calls release.
func outlast(life context.Context, r *http.Request) (lasting *http.Request, release func()) {
	connection := r.Context()
	ctx := context.WithValue(context.WithoutCancel(connection), connectionKey{}, connection)
	ctx, cancel := context.WithCancel(context.WithValue(ctx, lifeKey{}, life))
	stop := context.AfterFunc(connection, func() {
		select {
		case <-life.Done():
			cancel()
		case <-ctx.Done():
		}
	})
	return r.WithContext(ctx), func() {
		stop()
		cancel()
	}
}
