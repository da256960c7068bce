package tools

import "context"

// Progress says how far a call is.
type Progress struct {
	// Done grows with every report of a call.
	Done float64
	// Total is what Done ends at, or 0 when nobody knows.
	Total float64
	// Message is for people.
	Message string
	// Part is what has come of the result since the last report, where the tool gets it piece by piece. It may be
	// anybody's text.
	Part string
}

type progressKey struct{}

// WithProgress lets the tools that a context is given to report how far they are. They may report often and from one
// goroutine at a time.
func WithProgress(ctx context.Context, report func(Progress)) context.Context {
	return context.WithValue(ctx, progressKey{}, report)
}

// reportProgress tells whoever listens how far a call is.
func reportProgress(ctx context.Context, progress Progress) {
	if report, ok := ctx.Value(progressKey{}).(func(Progress)); ok {
		report(progress)
	}
}
