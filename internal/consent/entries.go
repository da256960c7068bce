package consent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
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
	// However much is waiting for somebody to agree, it must not hide what may have happened.
	pending, err := g.Entries(ctx, Query{Caller: caller, States: []State{Sent, Unknown}})
	if err != nil {
		return nil, err
	}
	waiting, err := g.Entries(ctx, Query{Caller: caller, States: []State{Prepared}, Limit: maxWaiting})
	if err != nil {
		return nil, err
	}
	now := g.options.Now()
	for _, entry := range waiting {
		if entry.EndsAt.After(now) {
			pending = append(pending, entry)
		}
	}
	return pending, nil
}

// maxWaiting is how many calls that wait for somebody to agree are listed.
const maxWaiting = 100

// Decide notes what a person found out about a call whose outcome is unknown, whoever made it.
func (g *Gate) Decide(ctx context.Context, id string, state State) error {
	if state != Succeeded && state != Rejected {
		return fmt.Errorf("decide call: the outcome must be %s or %s", Succeeded, Rejected)
	}
	entry, err := g.find(ctx, id)
	if err != nil {
		return err
	}
	if entry == nil || entry.State != Unknown {
		return errNotUndecided
	}
	settled, err := g.settle(ctx, entry, state, "decided by a person")
	if err != nil || settled {
		return err
	}
	if state == Rejected && g.options.Now().Before(entry.EndsAt) {
		return fmt.Errorf("decide call: it may still be running, and %s can be noted only from %s on; look at the platform again then, "+
			"and note %s at once if it had its effect", Rejected, entry.EndsAt.Add(time.Second-1).UTC().Format(time.RFC3339), Succeeded)
	}
	return errNotUndecided
}

var errNotUndecided = errors.New("decide call: no call of that id has an unknown outcome")

// find gives the call of an id, whoever made it, or nil.
func (g *Gate) find(ctx context.Context, id string) (*Entry, error) {
	j, err := g.opened(ctx)
	if err != nil {
		return nil, g.unavailable(ctx, err)
	}
	ctx, cancel := journalContext(ctx)
	defer cancel()
	entry, err := j.find(ctx, j.database, "id = $1", id)
	if err == nil && entry != nil {
		err = j.giveUpEntry(ctx, entry)
	}
	if err != nil {
		return nil, g.unavailable(ctx, err)
	}
	return entry, nil
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
		settled, err := g.reconcile(ctx, &entries[i])
		if err != nil {
			return found, err
		}
		if settled {
			found++
		}
	}
	return found, nil
}

// reconcile settles one call by what is read back of it, if that says anything.
func (g *Gate) reconcile(ctx context.Context, entry *Entry) (bool, error) {
	reconciler, ok := g.options.Reconcile[entry.Tool]
	if !ok {
		return false, nil
	}
	state, detail := reconciler(ctx, *entry)
	if state == Succeeded {
		// What was read back may be the effect of another call. One that made it is in the journal by now.
		if taken, err := g.hasRival(ctx, entry); err != nil || taken {
			return false, err
		}
	}
	settled, err := g.settle(ctx, entry, state, detail)
	if err != nil || !settled {
		return false, err
	}
	g.options.Logger.InfoContext(ctx, "a call with an unknown outcome was found out",
		slog.String("id", entry.ID), slog.String("outcome", string(state)))
	return true, nil
}

func (g *Gate) hasRival(ctx context.Context, entry *Entry) (bool, error) {
	j, err := g.opened(ctx)
	if err != nil {
		return false, g.unavailable(ctx, err)
	}
	ctx, cancel := journalContext(ctx)
	defer cancel()
	rival, err := j.rival(ctx, entry)
	if err != nil {
		return false, g.unavailable(ctx, err)
	}
	return rival != nil, nil
}

func (g *Gate) settle(ctx context.Context, entry *Entry, state State, detail string) (bool, error) {
	j, err := g.opened(ctx)
	if err != nil {
		return false, g.unavailable(ctx, err)
	}
	ctx, cancel := journalContext(ctx)
	defer cancel()
	settled, err := j.settle(ctx, entry, state, detail)
	if err != nil {
		return false, g.unavailable(ctx, err)
	}
	if !settled {
		return false, nil
	}
	err = g.audit.write(AuditLine{
		Caller: entry.Caller, Tool: entry.Tool, Class: entry.Class, Arguments: entry.given, Handle: entry.ID,
		Outcome: "reconciled_" + string(state),
	})
	if err != nil {
		return true, fmt.Errorf("settle call: %w", err)
	}
	return true, nil
}
