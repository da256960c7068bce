package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/consent"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

// gate opens the journal with the first call that needs it: a server that only reads leaves no files behind.
type gate struct {
	options  consent.Options
	redactor *telemetry.Redactor
	// problem says why there can be no journal.
	problem error

	opened atomic.Pointer[consent.Gate]
	// opening holds whoever opens; it is no mutex, so that the others need not wait to the end.
	opening chan struct{}
}

var (
	_ tools.Gate    = (*gate)(nil)
	_ tools.Journal = (*gate)(nil)
)

func newGate(settings *config.Config, platform *client.Client, logger *slog.Logger, redactor *telemetry.Redactor) (*gate, error) {
	options := consent.Options{Mode: consent.Mode(settings.Confirm), Logger: logger, Reconcile: reconcilers(platform)}
	switch options.Mode {
	case consent.ModeAuto, consent.ModeAlways, consent.ModeOff:
	default:
		return nil, usage(fmt.Errorf("set --confirm: %q is none of auto, always and off", settings.Confirm))
	}
	for _, limit := range []struct {
		flag, text string
		into       *decimal.Decimal
	}{
		{"max-spend-per-call", settings.MaxSpendPerCall, &options.MaxSpendPerCall},
		{"max-spend-per-day", settings.MaxSpendPerDay, &options.MaxSpendPerDay},
	} {
		amount, err := decimal.NewFromString(limit.text)
		if err != nil || amount.IsNegative() {
			return nil, usage(fmt.Errorf("set --%s: %q is no amount of credits, such as 2.50", limit.flag, limit.text))
		}
		*limit.into = amount
	}
	made := &gate{redactor: redactor, opening: make(chan struct{}, 1)}
	options.Journal, options.AuditFolder, made.problem = journalOf(settings)
	made.options = options
	return made, nil
}

// journalOf tells where the journal and the audit trail are. The embedded platform has its own: play money must not use
// up the limits of real money.
func journalOf(settings *config.Config) (journal, audit string, err error) {
	database, err := databaseOf(settings)
	if err != nil && (settings.Journal == "" || isAddress(settings.Journal)) { // the audit trail is a folder in any case
		return "", "", fmt.Errorf("place the journal: %w; use --journal", err)
	}
	folder, name := filepath.Dir(database), "journal.db"
	if settings.Sandbox {
		name = filepath.Base(database) + ".journal"
	}
	switch {
	case settings.Sandbox && database == sandbox.MemoryDatabase && settings.Journal == "":
		return consent.MemoryJournal, "", nil
	case settings.Journal == "":
		if !settings.Sandbox {
			if database, err = sandbox.DefaultDatabase(); err != nil {
				return "", "", fmt.Errorf("place the journal: %w; use --journal", err)
			}
			folder = filepath.Dir(database)
		}
		return filepath.Join(folder, name), filepath.Join(folder, name+".audit"), nil
	case settings.Journal == consent.MemoryJournal:
		return consent.MemoryJournal, "", nil
	case isAddress(settings.Journal):
		return settings.Journal, filepath.Join(folder, "journal.audit"), nil
	default:
		return settings.Journal, settings.Journal + ".audit", nil
	}
}

func (g *gate) get(ctx context.Context) (*consent.Gate, error) {
	if g.problem != nil {
		return nil, &tools.Error{
			Code: tools.CodeJournalUnavailable, Message: "nothing was sent: there is no place for the journal of such calls",
			NextStep: "Ask the user to start this server with --journal and a path; calls that only read go on.",
		}
	}
	if opened := g.opened.Load(); opened != nil {
		return opened, nil
	}
	select {
	case g.opening <- struct{}{}:
		defer func() { <-g.opening }()
	case <-ctx.Done():
		return nil, fmt.Errorf("open the journal: %w", ctx.Err())
	}
	if opened := g.opened.Load(); opened != nil {
		return opened, nil
	}
	opened, err := consent.Open(ctx, g.options)
	if err != nil {
		return nil, err
	}
	g.opened.Store(opened)
	return opened, nil
}

// Pass decides whether a call is made.
func (g *gate) Pass(ctx context.Context, call tools.GatedCall) (tools.Result, error) {
	if !g.options.Mode.Journals(call.Spec.Class) {
		return call.Do(ctx)
	}
	opened, err := g.get(ctx)
	if err != nil {
		return tools.Result{}, err
	}
	return opened.Pass(ctx, g.withoutSecrets(call))
}

// declined forgets what somebody was asked to agree to and did not.
func (g *gate) declined(ctx context.Context, handle string) {
	ctx = context.WithoutCancel(ctx)
	opened, err := g.get(ctx) // another server may have asked
	if err == nil {
		err = opened.Withdraw(ctx, handle)
	}
	if err != nil {
		g.options.Logger.WarnContext(ctx, "a call that somebody said no to can be agreed to until its handle ends", slog.Any("error", err))
	}
}

// CheckLimits says what the limits would say of a call that is only tried.
func (g *gate) CheckLimits(ctx context.Context, call tools.GatedCall, shown tools.Preview) error {
	if !g.options.Mode.Journals(call.Spec.Class) || shown.CostCredits == nil {
		return nil
	}
	opened, err := g.get(ctx)
	if err != nil {
		return err
	}
	return opened.CheckLimits(ctx, call, shown)
}

// PendingCalls gives the caller's calls that are not decided, after looking up what became of those that can be.
func (g *gate) PendingCalls(ctx context.Context) ([]tools.PendingCall, error) {
	opened, err := g.get(ctx)
	if err != nil {
		return nil, err
	}
	caller := tools.CallerOf(ctx).ID
	if _, err := opened.Reconcile(ctx, caller); err != nil {
		return nil, err
	}
	entries, err := opened.Pending(ctx, caller)
	if err != nil {
		return nil, err
	}
	pending := make([]tools.PendingCall, 0, len(entries))
	for i := range entries {
		entry := &entries[i]
		pending = append(pending, tools.PendingCall{
			ID: entry.ID, Tool: entry.Tool, State: string(entry.State), AmountCredits: entry.Amount, Would: entry.Preview.Would,
			CreatedAt: entry.CreatedAt, EndsAt: entry.EndsAt, Detail: entry.Detail, RequestID: entry.RequestID,
		})
	}
	return pending, nil
}

// close waits for calls that were sent: nothing must cut a payment in two. One that has not ended by then stays in the
// journal as sent, where the next start finds it.
func (g *gate) close(limit time.Duration) error {
	opened := g.opened.Load()
	if opened == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := opened.Close(ctx); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	return nil
}

// callerOf names whom calls are made for: what was agreed to for one key is nothing to another that shares the journal. A
// key belongs to one account of one platform, whatever address it is reached by; it cannot be told from this.
func callerOf(key string) string {
	sum := sha256.Sum256([]byte("caller\x00" + key))
	return hex.EncodeToString(sum[:16])
}

func isAddress(journal string) bool {
	return strings.HasPrefix(journal, "postgres://") || strings.HasPrefix(journal, "postgresql://")
}
