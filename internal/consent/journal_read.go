package consent

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, arguments ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, arguments ...any) *sql.Row
}

// maxEntries bounds a listing.
const maxEntries = 1000

const entryColumns = `sequence, id, caller, tool, class, state, effect, given, COALESCE(idempotency_key, ''), amount, preview,
	created_at, sent_at, updated_at, ends_at, instance, host, pid, result, failure, request_id, detail`

// find gives the first entry that a condition names, or nil.
func (j *journal) find(ctx context.Context, in querier, condition string, arguments ...any) (*Entry, error) {
	query := "SELECT " + entryColumns + " FROM robutler_calls WHERE " + condition + " LIMIT 1"
	entry, err := scanEntry(in.QueryRowContext(ctx, query, arguments...))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // there being none is no error
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return &entry, nil
}

func (j *journal) byID(ctx context.Context, in querier, caller, id string) (*Entry, error) {
	return j.find(ctx, in, "caller = $1 AND id = $2", caller, id)
}

func (j *journal) byKey(ctx context.Context, in querier, caller, key string) (*Entry, error) {
	if key == "" {
		return nil, nil //nolint:nilnil // there being none is no error
	}
	return j.find(ctx, in, "caller = $1 AND idempotency_key = $2", caller, key)
}

// duplicateWindow is for how long the same effect again is taken for a mistake.
const duplicateWindow = 10 * time.Minute

// day is one of UTC.
const day = 24 * time.Hour

// lastLike gives the latest call of the same effect that had it, or may have, within the window. The latest is that which was
// written down last, whatever the clocks said: one that was shown must not be the latest again once another was made. A call
// of days to come is one of a clock that has been corrected. Servers of earlier versions, which may share the journal, know
// effects by the arguments alone. The sum keeps PostgreSQL from going through the whole journal in its order.
func (j *journal) lastLike(ctx context.Context, in querier, caller string, like digests) (*Entry, error) {
	return j.find(ctx, in, `caller = $1 AND effect IN ($2, $3, $4) AND sent_at > $5 AND sent_at < $6
		AND state IN ('sent', 'succeeded', 'unknown') ORDER BY sequence + 0 DESC`, caller, like.effect, like.given, like.written,
		j.now().Add(-duplicateWindow).UnixMicro(), j.now().Add(day).UnixMicro())
}

// rivalWindow is how much earlier than a call another one may have been made whose effect looks like that of the first:
// the platform has a clock of its own.
const rivalWindow = time.Minute

// rival gives another call of the same effect that had it, or may have, at about the time of a call or later; or nil.
func (j *journal) rival(ctx context.Context, entry *Entry) (*Entry, error) {
	return j.find(ctx, j.database, `caller = $1 AND effect = $2 AND id <> $3 AND sent_at > $4
		AND state IN ('sent', 'succeeded', 'unknown')`,
		entry.Caller, entry.effect, entry.ID, entry.SentAt.Add(-rivalWindow).UnixMicro())
}

// spentToday sums what a caller's calls of this day in UTC moved or may have moved.
func (j *journal) spentToday(ctx context.Context, in querier, caller string) (int64, error) {
	var units int64
	query := `SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM robutler_calls
		WHERE caller = $1 AND sent_at >= $2 AND sent_at < $3 AND state IN ('sent', 'succeeded', 'unknown')`
	midnight := j.now().UTC().Truncate(day)
	if err := in.QueryRowContext(ctx, query, caller, midnight.UnixMicro(), midnight.Add(day).UnixMicro()).Scan(&units); err != nil {
		return 0, fmt.Errorf("sum what was spent: %w", err)
	}
	return units, nil
}

// list gives entries, the latest first. An empty caller stands for all of them.
func (j *journal) list(ctx context.Context, caller string, states []State, limit int) ([]Entry, error) {
	condition, arguments := "1 = 1", []any{}
	if caller != "" {
		condition, arguments = "caller = $1", []any{caller}
	}
	if len(states) > 0 {
		marks := make([]string, len(states))
		for i, state := range states {
			arguments = append(arguments, string(state))
			marks[i] = fmt.Sprintf("$%d", len(arguments))
		}
		condition += " AND state IN (" + strings.Join(marks, ", ") + ")"
	}
	//nolint:gosec // only marks and columns of this package are put together
	query := "SELECT " + entryColumns + " FROM robutler_calls WHERE " + condition + " ORDER BY sequence DESC LIMIT " + strconv.Itoa(limit)
	rows, err := j.database.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, fmt.Errorf("list journal: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err says what went wrong
	entries := []Entry{}
	for rows.Next() {
		entry, err := scanEntry(rows)
		if err != nil {
			return nil, fmt.Errorf("list journal: %w", err)
		}
		entries = append(entries, entry)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list journal: %w", err)
	}
	return entries, nil
}

func scanEntry(row interface{ Scan(into ...any) error }) (Entry, error) {
	var (
		e                            Entry
		units                        int64
		created, sent, updated, ends int64
		preview, result, failure     string
	)
	err := row.Scan(&e.Sequence, &e.ID, &e.Caller, &e.Tool, &e.Class, &e.State, &e.effect, &e.given, &e.IdempotencyKey, &units, &preview,
		&created, &sent, &updated, &ends, &e.instance, &e.host, &e.pid, &result, &failure, &e.RequestID, &e.Detail)
	if err != nil {
		return Entry{}, err
	}
	if err := json.Unmarshal([]byte(preview), &e.Preview); err != nil {
		return Entry{}, fmt.Errorf("decode preview: %w", err)
	}
	if e.given == "" {
		e.given = e.effect
	}
	e.Amount = fromUnits(units)
	e.CreatedAt, e.UpdatedAt, e.EndsAt = fromMicro(created), fromMicro(updated), fromMicro(ends)
	if sent != 0 {
		e.SentAt = fromMicro(sent)
	}
	e.result, e.failure = json.RawMessage(result), json.RawMessage(failure)
	return e, nil
}

func fromMicro(micro int64) time.Time { return time.UnixMicro(micro).UTC() }

// States counts the calls in the journal by state. It opens nothing: there are none before the journal was needed.
func (g *Gate) States(ctx context.Context) (map[State]int, error) {
	g.mu.Lock()
	j := g.journal
	g.mu.Unlock()
	if j == nil {
		return map[State]int{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, journalTimeout)
	defer cancel()
	rows, err := j.database.QueryContext(ctx, "SELECT state, COUNT(*) FROM robutler_calls GROUP BY state")
	if err != nil {
		return nil, fmt.Errorf("count journal: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[State]int{}
	for _, state := range []State{Prepared, Sent, Succeeded, Rejected, Unknown} {
		counts[state] = 0
	}
	for rows.Next() {
		var state State
		var count int
		if err := rows.Scan(&state, &count); err != nil {
			return nil, fmt.Errorf("count journal: %w", err)
		}
		counts[state] = count
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count journal: %w", err)
	}
	return counts, nil
}
