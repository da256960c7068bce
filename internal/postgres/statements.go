package postgres

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// maxStatements bounds what a server keeps for a connection; there are a few dozen texts of statements.
const maxStatements = 256

// statements are those that the server has read and planned for a connection, by their text.
type statements struct {
	known map[string]*pgconn.StatementDescription
	made  int
}

// send has the server run a statement. One with values is prepared first, since it comes again.
func (c *connection) send(ctx context.Context, text string, values [][]byte) (*pgconn.Result, error) {
	if len(values) == 0 || c.prepared == nil {
		reader := c.server.ExecParams(ctx, text, values, nil, nil, nil)
		result := reader.Read()
		if result.FieldDescriptions == nil { // as when there are no rows
			result.FieldDescriptions = slices.Clone(reader.FieldDescriptions())
		}
		return result, result.Err
	}
	statement, err := c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	result := c.server.ExecStatement(ctx, statement, values, nil, nil).Read()
	if outdated(result.Err) {
		delete(c.prepared.known, text)
	}
	result.FieldDescriptions = statement.Fields
	return result, result.Err
}

func (c *connection) prepare(ctx context.Context, text string) (*pgconn.StatementDescription, error) {
	p := c.prepared
	if statement, ok := p.known[text]; ok {
		return statement, nil
	}
	name := "" // the server forgets the nameless one with the next
	if p.made < maxStatements {
		p.made++
		name = "s" + strconv.Itoa(p.made)
	}
	statement, err := c.server.Prepare(ctx, name, text, nil)
	if err == nil && name != "" {
		p.known[text] = statement
	}
	return statement, err
}

// outdated reports whether a prepared statement serves no more: since a table changed, or since a proxy forgot it.
func outdated(err error) bool {
	var answer *pgconn.PgError
	const cachedPlanChanged, noSuchStatement = "0A000", "26000"
	return errors.As(err, &answer) && (answer.Code == cachedPlanChanged || answer.Code == noSuchStatement)
}
