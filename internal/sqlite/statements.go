package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
)

// connector opens connections that keep their prepared statements. Reading and planning a statement takes SQLite longer
// than most of those here take to run.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := opened.(driverConnection)
	if !ok {
		return nil, errors.Join(errors.New("open database: the driver's connections lack what this program needs"), opened.Close())
	}
	return &connection{driverConnection: full, idle: map[string]statement{}}, nil
}

// driverConnection is what the driver's connections are, all of which database/sql must find on the wrapped ones.
type driverConnection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// statement is what the driver's prepared statements are.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// maxIdle bounds the statements that a connection keeps: each takes some kilobytes.
const maxIdle = 48

// connection is used by one goroutine at a time, as database/sql promises.
type connection struct {
	driverConnection
	// idle are prepared statements that nobody uses, by their text. One whose rows are still read is not among them.
	idle map[string]statement
}

// Unwrap gives the driver's own connection.
func (c *connection) Unwrap() driver.Conn { return c.driverConnection }

// Close finalizes the statements first: they keep a database open.
func (c *connection) Close() error {
	var faults []error
	for text, held := range c.idle {
		faults = append(faults, held.Close())
		delete(c.idle, text)
	}
	return errors.Join(append(faults, c.driverConnection.Close())...)
}

func (c *connection) ExecContext(ctx context.Context, query string, arguments []driver.NamedValue) (driver.Result, error) {
	if !worthKeeping(query) {
		return c.driverConnection.ExecContext(ctx, query, arguments)
	}
	prepared, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := prepared.ExecContext(ctx, arguments)
	if err != nil {
		_ = prepared.Close() // the first error says it all
		return nil, err
	}
	c.keep(query, prepared)
	return result, nil
}

func (c *connection) QueryContext(ctx context.Context, query string, arguments []driver.NamedValue) (driver.Rows, error) {
	if !worthKeeping(query) {
		return c.driverConnection.QueryContext(ctx, query, arguments)
	}
	prepared, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	found, err := prepared.QueryContext(ctx, arguments)
	if err != nil {
		_ = prepared.Close() // the first error says it all
		return nil, err
	}
	return &rows{Rows: found, connection: c, query: query, prepared: prepared}, nil
}

// worthKeeping reports whether a statement may come again. Scripts and pragmas, some of which act when they are prepared,
// do not.
func worthKeeping(query string) bool {
	word, _, _ := strings.Cut(query, " ")
	switch word {
	case "SELECT", "INSERT", "UPDATE", "DELETE":
		return true
	default:
		return false
	}
}

// take gives a prepared statement to be used by one alone until it is kept again.
func (c *connection) take(ctx context.Context, query string) (statement, error) {
	if held, ok := c.idle[query]; ok {
		delete(c.idle, query)
		return held, nil
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	full, ok := prepared.(statement)
	if !ok {
		return nil, errors.Join(errors.New("prepare statement: the driver's statements lack what this program needs"), prepared.Close())
	}
	return full, nil
}

// keep takes a statement back. Another one of its text may be there: both were in use at once. What finalizing an idle
// statement says is not asked: its work was done.
func (c *connection) keep(query string, prepared statement) {
	if _, held := c.idle[query]; held {
		_ = prepared.Close()
		return
	}
	for text, held := range c.idle {
		if len(c.idle) < maxIdle {
			break
		}
		delete(c.idle, text)
		_ = held.Close()
	}
	c.idle[query] = prepared
}

// rows gives its statement back once it is closed.
type rows struct {
	driver.Rows
	connection *connection
	query      string
	prepared   statement
}

func (r *rows) Close() error {
	if err := r.Rows.Close(); err != nil {
		return errors.Join(err, r.prepared.Close())
	}
	r.connection.keep(r.query, r.prepared)
	return nil
}
