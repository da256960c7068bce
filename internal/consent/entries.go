package consent

import (
	"context"
	"fmt"
	"log/slog"
)

// Query says which calls of the journal to give.
type Query struct {
	// Caller is the id of a [tools.Caller]; AllCallers gives those of everybody instead.
	Caller     string
	AllCallers bool
	// States keeps calls of these states; none for all.
	States []State
	// Limit is the most entries to give; zero for a thousand, which is also the most.
	Limit int
}

// Pending gives a caller's calls that are not decided, the latest first: those that wait for somebody to agree, those
// that are running, and those whose outcome is unknown.
func (g *Gate) Pending(ctx context.Context, caller string) ([]Entry, error) {
	entries, err := g.Entries(ctx, Query{Caller: caller, States: []State{Prepared, Sent, Unknown}})
	if err != nil {
		return nil, err
	}
	now := g.options.Now()
	pending := entries[:0]
	for _, entry := range entries {
		if entry.State != Prepared || entry.EndsAt.After(now) {
			pending = append(pending, entry)
		}
	}
	return pending, nil
}

// Entries gives calls of the journal, the latest first. Calls of servers that are gone have become unknown.
func (g *Gate) Entries(ctx context.Context, query Query) ([]Entry, error) {
	j, err := g.opened(ctx)
	if err != nil {
		return nil, g.unavailable(ctx, err)
	}
	ctx, cancel := journalContext(ctx)
	defer cancel()
	caller := ""
	if !query.AllCallers {
		caller = j.callerName(query.Caller)
	}
	if query.Limit <= 0 || query.Limit > maxEntries {
		query.Limit = maxEntries
	}
	if err := j.giveUp(ctx, caller); err != nil {
		// A journal that cannot be written can still be read.
		g.options.Logger.WarnContext(ctx, "calls of servers that are gone are still listed as sent", slog.Any("error", err))
	}
	entries, err := j.list(ctx, caller, query.States, query.Limit)
	if err != nil {
		return nil, g.unavailable(ctx, err)
	}
	return entries, nil
}

// Reconcile asks the reconcilers what became of a caller's calls whose outcome is unknown, and gives how many it found
// out. They read back on behalf of the context's caller, whose calls these must be.
func (g *Gate) Reconcile(ctx context.Context, caller string) (found int, err error) {
	entries, err := g.Entries(ctx, Query{Caller: caller, States: []State{Unknown}})
	if err != nil {
		return 0, err
	}
	for i := range entries {
		reconciler, ok := g.options.Reconcile[entries[i].Tool]
		if !ok {
			continue
		}
		state, detail := reconciler(ctx, entries[i])
		settled, err := g.settle(ctx, &entries[i], state, detail)
		if err != nil {
			return found, err
		}
		if settled {
			found++
			g.options.Logger.InfoContext(ctx, "a call with an unknown outcome was found out",
				slog.String("id", entries[i].ID), slog.String("outcome", string(state)))
		}
	}
	return found, nil
}

func (g *Gate) settle(ctx context.Context, entry *Entry, state State, detail string) (bool, error) {
	j, err := g.opened(ctx)
	if err != nil {
		return false, g.unavailable(ctx, err)
	}
	ctx, cancel := journalContext(ctx)
	defer cancel()
	if state == Succeeded {
		// What was read back may be the effect of another call. One that made it is in the journal by now.
		if rival, err := j.rival(ctx, entry); err != nil || rival != nil {
			return false, err
		}
	}
	settled, err := j.settle(ctx, entry, state, detail)
	if err != nil {
		return false, g.unavailable(ctx, err)
	}
	if !settled {
		return false, nil
	}
	err = g.audit.write(AuditLine{
		Caller: entry.Caller, Tool: entry.Tool, Class: entry.Class, Arguments: entry.effect, Handle: entry.ID,
		Outcome: "reconciled_" + string(state),
	})
	if err != nil {
		return true, fmt.Errorf("settle call: %w", err)
	}
	return true, nil
}
