package postgres

import (
	"context"
	"errors"
)

// transaction ends within the context that it began with, since database/sql gives no other.
type transaction struct {
	connection *connection
	ctx        context.Context //nolint:containedctx // see above
}

// Commit fails when the server rolled back instead, which it does after any statement failed.
func (t *transaction) Commit() error {
	result, err := t.connection.send(t.ctx, "COMMIT", nil)
	if err != nil {
		return err
	}
	if result.CommandTag.String() == "ROLLBACK" {
		return errors.New("commit transaction: it was rolled back, since a statement had failed")
	}
	return nil
}

// Rollback may fail, as when the context has ended: [connection.IsValid] then has the connection closed, and the server
// rolls back.
func (t *transaction) Rollback() error {
	_, err := t.connection.send(t.ctx, "ROLLBACK", nil)
	return err
}
