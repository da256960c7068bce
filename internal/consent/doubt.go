package consent

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"
)

// doubt is a claim that may be in the journal although nothing was sent.
type doubt struct {
	claimed claim
	// handleEnds is when the handle of the call ends; zero where there is none.
	handleEnds time.Time
}

// maxDoubts bounds the claims that wait to be taken back. Those left out become calls of an unknown outcome.
const maxDoubts = 1000

// doubt takes a claim back whose commit was not heard of, as when a database is replaced by another that has it. What cannot
// be done now is done with the next call.
func (g *Gate) doubt(ctx context.Context, a *attempt, cause error) {
	if !errors.Is(cause, errCommitUnheard) {
		return
	}
	unheard := doubt{claimed: a.claimed}
	if a.opened != nil {
		unheard.handleEnds = a.opened.Expires
	}
	g.mu.Lock()
	g.doubts = append(g.doubts[max(0, len(g.doubts)-maxDoubts+1):], unheard)
	g.mu.Unlock()
	g.takeBack(ctx, a.journal)
}

// takeBack takes back what is in doubt, until that fails.
func (g *Gate) takeBack(ctx context.Context, j *journal) {
	g.mu.Lock()
	doubts := g.doubts
	g.doubts = nil
	g.mu.Unlock()
	for i, unheard := range doubts {
		err := j.takeBack(ctx, unheard)
		if err == nil {
			continue
		}
		g.options.Logger.WarnContext(ctx, "a call that was not sent may be in the journal as sent", slog.Any("error", err))
		g.mu.Lock()
		g.doubts = append(doubts[i:], g.doubts...)
		g.mu.Unlock()
		return
	}
}

// takeBack makes a call what it was before it was claimed. Its lock is waited for: the commit may still be under way.
func (j *journal) takeBack(ctx context.Context, unheard doubt) error {
	ctx, cancel := journalContext(ctx)
	defer cancel()
	claimed := unheard.claimed
	return j.inTransaction(ctx, callerLock(claimed.Caller), func(tx *sql.Tx) error {
		const asSent = ` WHERE id = $1 AND instance = $2 AND state IN ('sent', 'unknown')`
		if unheard.handleEnds.IsZero() {
			_, err := tx.ExecContext(ctx, "DELETE FROM robutler_calls"+asSent, claimed.ID, claimed.Instance)
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE robutler_calls SET state = 'prepared', idempotency_key = NULL, sent_at = 0,
			updated_at = $3, ends_at = $4, instance = '', host = '', pid = 0, detail = ''`+asSent,
			claimed.ID, claimed.Instance, j.now().UnixMicro(), unheard.handleEnds.UnixMicro())
		return err
	})
}
