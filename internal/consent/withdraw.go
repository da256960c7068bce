package consent

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/robutlerai/robutler-mcp/tools"
)

// Withdraw forgets what was asked for under a handle, to which somebody said no: the handle is good for nothing from then
// on. A call that was agreed to before goes on, and is no error.
func (g *Gate) Withdraw(ctx context.Context, handle string) error {
	j, err := g.opened(ctx)
	if err != nil {
		return fmt.Errorf("withdraw call: %w", err)
	}
	opened, err := j.seal.open(handle)
	if err != nil {
		return fmt.Errorf("withdraw call: %w", err)
	}
	ctx, cancel := journalContext(ctx)
	defer cancel()
	asked, err := j.find(ctx, j.database, "id = $1 AND state = 'prepared'", opened.ID)
	changed := int64(0)
	if err == nil && asked != nil {
		// Ahead of a claim or after it: between what a claim reads and what it writes the row must not go.
		err = j.inTransaction(ctx, callerLock(asked.Caller), func(tx *sql.Tx) error {
			result, err := tx.ExecContext(ctx, "DELETE FROM robutler_calls WHERE id = $1 AND state = 'prepared'", opened.ID)
			if err == nil {
				changed, err = result.RowsAffected()
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("withdraw call: %w", err)
	}
	if changed == 0 {
		return nil
	}
	err = g.audit.write(AuditLine{
		Caller: asked.Caller, Tool: asked.Tool, Class: asked.Class, Arguments: asked.given, Handle: asked.ID, Outcome: tools.CodeDeclined,
	})
	if err != nil {
		return fmt.Errorf("withdraw call: %w", err)
	}
	return nil
}

// notKnown refuses a handle that was given for what the journal does not have any more: it may have been used, or
// withdrawn.
func notKnown() error { return refuseHandle("the journal does not know it any more") }
