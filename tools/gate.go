package tools

import (
	"context"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
)

// Preview says what a call would do. Making one changes nothing.
type Preview struct {
	// Would tells people what happens: who, what, how much, in which unit, and what stays.
	Would string `json:"would,omitempty"`
	// Before and After hold what the call changes, where that is known.
	Before map[string]any `json:"before,omitempty"`
	After  map[string]any `json:"after,omitempty"`
	// CostCredits is what the call moves or spends, in credits of one US dollar; nil when it moves nothing, or nobody
	// knows.
	CostCredits *decimal.Decimal `json:"cost_credits,omitempty"`
	// Recipient is who gets it: an id, with the name where it is known.
	Recipient string `json:"recipient,omitempty"`
	// Target is the id of what the call changes or shows. A handle is for this one alone, whatever bears its name later.
	Target string `json:"target,omitempty"`
	// Terms are what else was shown that must still hold when the call is made, such as a price. Would words them.
	Terms string `json:"-"`
}

// GatedCall is a call that changes something, ready to be made.
type GatedCall struct {
	// Spec is the tool's.
	Spec Spec
	// Arguments are those that decide the effect, in one form however they were sent: coerced, with defaults, members
	// sorted, without dry_run and confirmation.
	Arguments json.RawMessage
	// Written are the arguments with the texts in them as they were written, where these have several spellings: the
	// journals of earlier versions know the call by them.
	Written json.RawMessage
	// Reference names the argument that the target was found by, an id or a name; empty where there is none.
	Reference string
	// Confirmation is the handle of an earlier answer, or empty.
	Confirmation string
	// IdempotencyKey is the caller's name for the effect, or empty.
	IdempotencyKey string
	// Preview finds out what the call would do.
	Preview func(context.Context) (Preview, error)
	// Do makes the call. It may be made once.
	Do func(context.Context) (Result, error)
}

// Gate decides whether a call that changes something is made now. It answers with the call's result, a stored one, one
// whose Pending is set, or an [Error].
type Gate interface {
	Pass(ctx context.Context, call GatedCall) (Result, error)
}

// Confirmation is what somebody has to agree to before a call is made. Nothing has been done.
type Confirmation struct {
	Preview
	// Handle makes the same call go through, once, until it expires.
	Handle string
	// ExpiresAt is when the handle ends.
	ExpiresAt time.Time
	// DuplicateOf is when the same effect was last asked for under another handle, within ten minutes; or zero.
	DuplicateOf time.Time
}

// Caller is on whose behalf a call is made.
type Caller struct {
	// ID names the caller; calls of one never see those of another. Empty for the only user of a local server.
	ID string
	// ReadUntrusted says that the caller's session holds text of third parties, which may have asked for the call.
	ReadUntrusted bool
}

type callerKey struct{}

// WithCaller says on whose behalf calls are made.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return &callerContext{Context: ctx, caller: caller}
}

// callerContext is the context of a caller's calls: every call has one.
type callerContext struct {
	context.Context //nolint:containedctx // it is one

	caller Caller
}

// Value gives the context itself for the caller's key: a value of its own would be made anew for each call.
func (c *callerContext) Value(key any) any {
	if key == (callerKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// CallerOf tells on whose behalf a call is made.
func CallerOf(ctx context.Context) Caller {
	if of, ok := ctx.Value(callerKey{}).(*callerContext); ok {
		return of.caller
	}
	return Caller{}
}
