package consent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/shopspring/decimal"
)

// Mode says which calls somebody has to agree to.
type Mode string

// The modes.
const (
	// ModeAuto asks before calls of the classes Delete, Secret and Money.
	ModeAuto Mode = "auto"
	// ModeAlways asks before every call that changes something.
	ModeAlways Mode = "always"
	// ModeOff asks before three kinds of calls alone: Money calls of an amount that nobody knows; in a session that holds
	// text of third parties, Secret calls, and Money calls that bring the day above a tenth of the limit per call; and Money
	// and Secret calls whose effect was asked for in the last ten minutes.
	ModeOff Mode = "off"
)

// untrustedShare is the part of the limit per call that a session with text of third parties may spend unasked.
const untrustedShare = "0.1"

// CallTimeout is how long a call may take once it was sent, whatever becomes of its caller.
const CallTimeout = 45 * time.Second

// leaseMargin is how much longer others wait before they give up a call of a server that they cannot ask after.
const leaseMargin = 15 * time.Second

// journalTimeout bounds what is done with the journal for one call.
const journalTimeout = 10 * time.Second

// Reconciler finds out by reading back what became of a call whose outcome is unknown: Succeeded, Rejected, or Unknown
// when that cannot be told. The detail is kept for people and must hold no secret.
type Reconciler func(ctx context.Context, entry Entry) (state State, detail string)

// Options are what a [Gate] is made of.
type Options struct {
	// Journal is the path of an SQLite database, [MemoryJournal], or a postgres:// address.
	Journal string
	Mode    Mode
	// MaxSpendPerCall and MaxSpendPerDay are limits in credits, for each caller; a day is one of UTC. Zero allows nothing.
	MaxSpendPerCall, MaxSpendPerDay decimal.Decimal
	// CallTimeout replaces [CallTimeout] unless it is zero.
	CallTimeout time.Duration
	// AuditFolder is where the audit trail goes; empty for none.
	AuditFolder string
	// Instance names this server in the journal; it must be another one at each start. Empty for a random name.
	Instance string
	// Reconcile has the reconcilers, by the tool's name.
	Reconcile map[string]Reconciler
	// Now is the clock; nil for the system's.
	Now    func() time.Time
	Logger *slog.Logger
	// Observe is told of every call that went through the gate: its class, and how it ended as the audit trail has it. It
	// may be nil.
	Observe func(class, outcome string)
}

// complete checks the options and fills in what was left out.
func (o Options) complete() (Options, error) {
	switch o.Mode {
	case ModeAuto, ModeAlways, ModeOff:
	default:
		return o, errors.New("open gate: the mode must be auto, always or off")
	}
	if o.Journal == "" {
		return o, fmt.Errorf("open gate: no journal is given; use %s for one in memory", MemoryJournal)
	}
	for _, limit := range []decimal.Decimal{o.MaxSpendPerCall, o.MaxSpendPerDay} {
		if limit.IsNegative() || limit.GreaterThan(decimal.NewFromInt(maxCredits)) {
			return o, fmt.Errorf("open gate: a spending limit must be from 0 to %d credits", maxCredits)
		}
	}
	if o.CallTimeout <= 0 {
		o.CallTimeout = CallTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(string, string) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}
