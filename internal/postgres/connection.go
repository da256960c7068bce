package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// connection is one to a server; database/sql sees to it that it has one user at a time.
type connection struct {
	server   *pgconn.PgConn
	prepared *statements
	used     time.Time // when it was last taken out of the pool
}

// idle is the status of a connection that is in no transaction.
const idle = 'I'

// Prepare is not supported: [sql.DB.ExecContext] and its like send statements and values together.
func (*connection) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("prepare statement: not supported")
}

// Begin is what [connection.BeginTx] replaces.
func (c *connection) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *connection) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return c.server.Close(ctx)
}

// IsValid keeps a connection that was left within a transaction out of the pool.
func (c *connection) IsValid() bool { return !c.server.IsClosed() && c.server.TxStatus() == idle }

// ResetSession is called when a connection is taken out of the pool.
func (c *connection) ResetSession(ctx context.Context) error {
	if !c.IsValid() {
		return driver.ErrBadConn
	}
	unused := time.Since(c.used) > pingAfter
	c.used = time.Now()
	if unused && c.server.Ping(ctx) != nil {
		return driver.ErrBadConn
	}
	return nil
}

func (c *connection) Ping(ctx context.Context) error { return c.server.Ping(ctx) }

func (c *connection) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	statement, err := begin(options)
	if err != nil {
		return nil, err
	}
	if _, err := c.run(ctx, statement, nil); err != nil {
		return nil, err
	}
	return &transaction{connection: c, ctx: ctx}, nil
}

func begin(options driver.TxOptions) (string, error) {
	statement := "BEGIN"
	switch sql.IsolationLevel(options.Isolation) {
	case sql.LevelDefault:
	case sql.LevelReadUncommitted, sql.LevelReadCommitted, sql.LevelRepeatableRead, sql.LevelSerializable:
		statement += " ISOLATION LEVEL " + strings.ToUpper(sql.IsolationLevel(options.Isolation).String())
	default:
		return "", fmt.Errorf("begin transaction: PostgreSQL has no isolation %s", sql.IsolationLevel(options.Isolation))
	}
	if options.ReadOnly {
		statement += " READ ONLY"
	}
	return statement, nil
}

func (c *connection) ExecContext(ctx context.Context, statement string, values []driver.NamedValue) (driver.Result, error) {
	result, err := c.run(ctx, statement, values)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(result.CommandTag.RowsAffected()), nil
}

func (c *connection) QueryContext(ctx context.Context, query string, values []driver.NamedValue) (driver.Rows, error) {
	result, err := c.run(ctx, query, values)
	if err != nil {
		return nil, err
	}
	return &rows{columns: result.FieldDescriptions, left: result.Rows}, nil
}

// run sends one statement with its values and reads all of the answer. A connection that ended before anything was sent is
// reported as such, so that another one is tried.
func (c *connection) run(ctx context.Context, statement string, values []driver.NamedValue) (*pgconn.Result, error) {
	if c.server.IsClosed() {
		return nil, driver.ErrBadConn
	}
	texts, err := encode(values)
	if err != nil {
		return nil, err
	}
	result, err := c.send(ctx, statement, texts)
	if err != nil && pgconn.SafeToRetry(err) && ctx.Err() == nil {
		return nil, driver.ErrBadConn
	}
	return result, err
}
