package server

import "context"

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

// outlasting is the context of a request that outlasts its connection.
type outlasting struct {
	context.Context //nolint:containedctx // it is one

	connection, life context.Context //nolint:containedctx // they are what it tells of
	end              context.CancelFunc
	forget           func() bool // ends the watch over life
}

// Value gives the contexts that end with the connection and the session.
func (o *outlasting) Value(key any) any {
	switch key.(type) {
	case connectionKey:
		return o.connection
	case lifeKey:
		return o.life
	default:
		if value := o.Context.Value(key); value != nil {
			return value
		}
		return o.connection.Value(key)
	}
}

// outlast makes a request go on when its connection breaks, as the revisions before 2026 want it: their clients say so
// when they give up a call. It ends then with life, after which nobody can say so any more. The caller calls release.
func outlast(life, connection context.Context) *outlasting {
	ctx, cancel := context.WithCancel(context.Background())
	// It is life that is watched: that is there already, where each connection would need a channel and a map for it.
	stop := context.AfterFunc(life, func() {
		select {
		case <-connection.Done():
			cancel()
		case <-ctx.Done():
		}
	})
	return &outlasting{Context: ctx, connection: connection, life: life, end: cancel, forget: stop}
}

// release ends the context.
func (o *outlasting) release() {
	o.forget()
	o.end()
}
