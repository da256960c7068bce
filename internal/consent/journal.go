package consent

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/tools"
)

// State is how far a call has come.
type State string

// The states of a call.
const (
	// Prepared calls wait for somebody to agree; nothing was sent.
	Prepared State = "prepared"
	// Sent calls are under way. Their outcome is not known yet.
	Sent State = "sent"
	// Succeeded calls had their effect.
	Succeeded State = "succeeded"
	// Rejected calls had none.
	Rejected State = "rejected"
	// Unknown calls may have had their effect or not.
	Unknown State = "unknown"
)

// Entry is a call in the journal.
type Entry struct {
	// Sequence orders entries, whatever the clocks said.
	Sequence int64 `json:"sequence"`
	// ID is the call's own; its handle holds it.
	ID string `json:"id"`
	// Caller is a keyed digest of who called.
	Caller string `json:"caller"`
	Tool   string `json:"tool"`
	Class  string `json:"class"`
	State  State  `json:"state"`
	// Amount is what the call moves, in credits.
	Amount decimal.Decimal `json:"amount_credits"`
	// Preview is what was shown to whoever agreed. Arguments are not kept: they may hold secrets.
	Preview        tools.Preview `json:"preview"`
	IdempotencyKey string        `json:"idempotency_key,omitempty"`
	CreatedAt      time.Time     `json:"created_at"`
	// SentAt is when the call was made, or zero.
	SentAt    time.Time `json:"sent_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at"`
	// EndsAt is when a prepared call's handle ends, or when a sent call is given up.
	EndsAt    time.Time `json:"ends_at"`
	RequestID string    `json:"request_id,omitempty"`
	// Detail says how the state was found out, where that was not by the call itself.
	Detail string `json:"detail,omitempty"`

	// given is the digest of the arguments, and effect that of what the call does.
	effect, given, instance, host string
	pid                           int
	result                        json.RawMessage
	failure                       json.RawMessage
}

// nanoCredits is how many units of the journal are one credit.
const nanoCredits = 9

// maxCredits is more than anybody has; sums of a day of it still fit in 64 bits.
const maxCredits = 100_000_000

// journal holds calls in a database.
type journal struct {
	database *sql.DB
	// writer is the same database. In SQLite it is one connection: who writes in this process waits in line, not for
	// SQLite's lock, and what the connection has read stays valid.
	writer  *sql.DB
	dialect dialect
	now     func() time.Time
	self    process
	seal    *sealer
	callers []byte
}

// openJournal opens the journal at a path, or at a postgres address, and makes what is missing in it.
func openJournal(ctx context.Context, place string, now func() time.Time, self process) (*journal, error) {
	database, dialect, err := openDatabase(place)
	if err != nil {
		return nil, err
	}
	writer, err := openWriter(place, database)
	if err != nil {
		return nil, errors.Join(err, database.Close())
	}
	j := &journal{database: database, writer: writer, dialect: dialect, now: now, self: self}
	var key []byte
	err = sqlite.WhenFree(ctx, func() error {
		key, err = j.install(ctx)
		return err
	})
	if err == nil {
		err = j.useKey(key)
	}
	if err != nil {
		_ = j.close() // the first error says it all
		return nil, err
	}
	return j, nil
}

func (j *journal) useKey(key []byte) (err error) {
	if j.seal, err = newSealer(key); err != nil {
		return err
	}
	j.callers, err = deriveKey(key, nil, "caller")
	return err
}

func (j *journal) close() error {
	err := j.database.Close()
	if j.writer != j.database {
		err = errors.Join(err, j.writer.Close())
	}
	if err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// callerName is the name that a caller has in the journal and in the audit trail. Ids of callers may be worth hiding.
func (j *journal) callerName(id string) string {
	return hex.EncodeToString(keyedDigest(j.callers, []byte(id))[:16])
}

// durability is what a commit waits for.
type durability string

const (
	// durable commits are on disk once they are made.
	durable durability = "FULL"
	// lasting commits survive the end of this process, however it ends. A power cut may take back those since the last
	// durable one: what was asked, which is asked again, and how calls ended, whose outcome is then unknown.
	lasting durability = "NORMAL"
)

// writing gives a connection to write with. Its durability is set each time: no other one's is ever taken over.
func (j *journal) writing(ctx context.Context, kept durability) (*sql.Conn, error) {
	connection, err := j.writer.Conn(ctx)
	if err != nil || !j.dialect.setsDurability {
		return connection, err
	}
	if _, err := connection.ExecContext(ctx, "PRAGMA synchronous = "+string(kept)); err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	return connection, nil
}

// inTransaction runs work in one transaction that is alone with its lock, and durable once this returns.
func (j *journal) inTransaction(ctx context.Context, lock int64, work func(*sql.Tx) error) error {
	connection, err := j.writing(ctx, durable)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }() // that only gives it back
	tx, err := connection.BeginTx(ctx, &sql.TxOptions{Isolation: j.dialect.isolation})
	if err != nil {
		return err
	}
	if err = j.dialect.prepare(ctx, tx, lock); err == nil {
		err = work(tx)
	}
	if err != nil {
		_ = tx.Rollback() // the work's error says it all
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%w: %w", errCommitUnheard, err)
	}
	return nil
}

// errCommitUnheard says that work may be in the journal although its commit failed: the answer may be all that was lost.
var errCommitUnheard = errors.New("commit")

// exec runs one statement, durably, and tells how many rows it changed.
func (j *journal) exec(ctx context.Context, statement string, arguments ...any) (int64, error) {
	return j.execAs(ctx, durable, statement, arguments...)
}

func (j *journal) execAs(ctx context.Context, kept durability, statement string, arguments ...any) (int64, error) {
	connection, err := j.writing(ctx, kept)
	if err != nil {
		return 0, err
	}
	defer func() { _ = connection.Close() }() // that only gives it back
	result, err := connection.ExecContext(ctx, statement, arguments...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// toUnits turns credits into the journal's units, rounding up, since a limit must not be slipped under.
func toUnits(credits decimal.Decimal) int64 {
	return credits.Shift(nanoCredits).Ceil().IntPart()
}

func fromUnits(units int64) decimal.Decimal { return decimal.New(units, -nanoCredits) }
