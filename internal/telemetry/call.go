package telemetry

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// ofCall are the secrets of the call at hand. They are known in its context alone and forgotten with it, so that no
// caller has a say in what others are shown, nor in what is logged of others.
type ofCall struct{ key, others func() patterns }

type ofCallKey struct{}

func none() patterns { return nil }

// secretsOf gives the secrets of the call that a context is of.
func secretsOf(ctx context.Context) ofCall {
	if known, ok := ctx.Value(ofCallKey{}).(ofCall); ok {
		return known
	}
	return ofCall{key: none, others: none}
}

// WithKey gives a context whose calls are made with a key: it is taken out of what they show, store and log.
func (r *Redactor) WithKey(ctx context.Context, key string) context.Context {
	known := secretsOf(ctx)
	known.key = sync.OnceValue(func() patterns { return patternsOf(strings.TrimSpace(key)) })
	return context.WithValue(ctx, ofCallKey{}, known)
}

// WithSecrets gives a context of a call with secrets, such as a token in its arguments: they are taken out of what it
// logs.
func (r *Redactor) WithSecrets(ctx context.Context, secrets ...string) context.Context {
	if len(secrets) == 0 {
		return ctx
	}
	known := secretsOf(ctx)
	before := known.others
	known.others = sync.OnceValue(func() patterns { return slices.Concat(before(), patternsOf(secrets...)) })
	return context.WithValue(ctx, ofCallKey{}, known)
}
