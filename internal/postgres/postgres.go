// Package postgres opens PostgreSQL databases for database/sql, with values as text.
//
// It is a thin driver over pgconn, the lower half of pgx, which connects, authenticates, encrypts, fails over and heeds
// contexts. The upper half knows every type that PostgreSQL has and is 2.7 MB of this program, which stores text and
// integers alone.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// closeTimeout bounds the goodbye to a server.
	closeTimeout = 5 * time.Second
	// pingAfter is the age from which an unused connection is tried before it is used: firewalls drop them silently.
	pingAfter = time.Second
)

// Open opens the database at an address, as libpq understands it: postgres://user@host/database?sslmode=verify-full, and
// the variables and files of PG.... As with pgx, default_query_exec_mode=exec keeps from preparing statements, for proxies
// that cannot. It does not connect. The error tells no password.
func Open(address string) (*sql.DB, error) {
	if _, _, err := parse(address); err != nil {
		return nil, err
	}
	return sql.OpenDB(connector(address)), nil
}

// parse reads an address, and the files that it or the environment names.
func parse(address string) (_ *pgconn.Config, prepares bool, _ error) {
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return nil, false, errors.New("read the address of PostgreSQL: it is not valid") // the cause may hold a password
	}
	const mode = "default_query_exec_mode"
	prepares = config.RuntimeParams[mode] == "" || config.RuntimeParams[mode] == "cache_statement"
	// What pgx itself takes out of an address, the server knows nothing of.
	for _, name := range []string{mode, "statement_cache_capacity", "description_cache_capacity"} {
		delete(config.RuntimeParams, name)
	}
	return config, prepares, nil
}

// connector is an address. It is read for every connection, so that a file with a new password is heeded.
type connector string

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	config, prepares, err := parse(string(c))
	if err != nil {
		return nil, err
	}
	server, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	made := &connection{server: server}
	if prepares {
		made.prepared = &statements{known: map[string]*pgconn.StatementDescription{}}
	}
	return made, nil
}

func (c connector) Driver() driver.Driver { return c }

// Open makes a connector a [driver.Driver] as well, as database/sql asks for.
func (connector) Open(address string) (driver.Conn, error) {
	return connector(address).Connect(context.Background())
}
