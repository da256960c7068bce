package consent

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

// claim is a call that asks to be made.
type claim struct {
	ID string
	// Instance is the opening of the journal that claims, and which of its claims this is.
	Instance string
	Caller   string
	Tool     string
	Class    string
	digests
	IdempotencyKey string
	Units          int64
	Preview        tools.Preview
	// Acknowledged is the beginning of the id of the earlier call of the same effect that was shown, or empty.
	Acknowledged string
	// Agreed says that it was asked for before: the journal must have it.
	Agreed bool
	// AnyDuplicate lets the same effect pass again unasked: for classes that it costs nothing.
	AnyDuplicate bool
	PerCall      int64
	PerDay       int64
	// Unasked is the most that the day may come to without anybody having agreed; less than 0 for no such bound.
	Unasked int64
	EndsAt  time.Time
}

// verdict is the answer to a claim. With none of its members set, the call may be made, by the claimant alone.
type verdict struct {
	// Earlier is the call that already has the handle or the idempotency key.
	Earlier *Entry
	// Duplicate is an earlier call of the same effect that was not acknowledged.
	Duplicate *Entry
	// Limit says which limit the call would pass.
	Limit *excess
	// Ask is set when the call would pass what may be spent without anybody having agreed.
	Ask bool
}

func (v verdict) granted() bool { return v == verdict{} }

// excess is a limit that a call would pass.
type excess struct {
	perDay       bool
	limit, spent int64
}

// prepare notes that somebody was asked to agree to a call.
func (j *journal) prepare(ctx context.Context, asked claim) error {
	preview, err := json.Marshal(asked.Preview)
	if err != nil {
		return fmt.Errorf("encode preview: %w", err)
	}
	now := j.now().UnixMicro()
	_, err = j.execAs(ctx, lasting, `INSERT INTO robutler_calls
		(id, caller, tool, class, state, effect, given, amount, preview, created_at, updated_at, ends_at)
		VALUES ($1, $2, $3, $4, 'prepared', $5, $6, $7, $8, $9, $9, $10)`,
		asked.ID, asked.Caller, asked.Tool, asked.Class, asked.effect, asked.apart(), asked.Units, string(preview), now,
		asked.EndsAt.UnixMicro())
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// claim makes a call the claimant's, or says why not. Once it is granted the call is on disk as sent.
func (j *journal) claim(ctx context.Context, asked claim) (found verdict, err error) {
	err = j.inTransaction(ctx, callerLock(asked.Caller), func(tx *sql.Tx) error {
		if found, err = j.judge(ctx, tx, asked); err != nil || !found.granted() {
			return err
		}
		return j.markSent(ctx, tx, asked)
	})
	if err != nil {
		return verdict{}, fmt.Errorf("claim call: %w", err)
	}
	return found, nil
}

// judge decides on a claim with the lock held.
func (j *journal) judge(ctx context.Context, tx *sql.Tx, asked claim) (verdict, error) {
	earlier, err := j.byID(ctx, tx, asked.Caller, asked.ID)
	if err == nil && earlier == nil && asked.Agreed {
		return verdict{}, notKnown() // it was withdrawn a moment ago
	}
	if err == nil && (earlier == nil || earlier.State == Prepared) {
		earlier, err = j.byKey(ctx, tx, asked.Caller, asked.IdempotencyKey)
	}
	if err != nil || earlier != nil {
		return verdict{Earlier: earlier}, err
	}
	if !asked.AnyDuplicate {
		like, err := j.lastLike(ctx, tx, asked.Caller, asked.digests)
		if err != nil || (like != nil && !like.isAcknowledged(asked.Acknowledged)) {
			return verdict{Duplicate: like}, err
		}
	}
	limit, err := j.overLimit(ctx, tx, asked)
	if err != nil || limit != nil || asked.Unasked < 0 {
		return verdict{Limit: limit}, err
	}
	spent, err := j.spentToday(ctx, tx, asked.Caller)
	return verdict{Ask: spent+asked.Units > asked.Unasked}, err
}

// isAcknowledged reports whether a handle names this call as the one that was shown.
func (e *Entry) isAcknowledged(acknowledged string) bool {
	return acknowledged != "" && e.ID[:2*duplicateTag] == acknowledged
}

// overLimit says which limit a call would pass, or nil.
func (j *journal) overLimit(ctx context.Context, in querier, asked claim) (*excess, error) {
	if asked.Units == 0 {
		return nil, nil //nolint:nilnil // there being none is no error
	}
	if asked.Units > asked.PerCall {
		return &excess{limit: asked.PerCall}, nil
	}
	spent, err := j.spentToday(ctx, in, asked.Caller)
	if err != nil || spent+asked.Units <= asked.PerDay {
		return nil, err
	}
	return &excess{perDay: true, limit: asked.PerDay, spent: spent}, nil
}

// markSent writes the call down. The row is there already when somebody was asked, with the preview that they saw.
func (j *journal) markSent(ctx context.Context, tx *sql.Tx, asked claim) error {
	preview, err := json.Marshal(asked.Preview)
	if err != nil {
		return fmt.Errorf("encode preview: %w", err)
	}
	now := j.now().UnixMicro()
	result, err := tx.ExecContext(ctx, `INSERT INTO robutler_calls
		(id, caller, tool, class, state, effect, idempotency_key, amount, preview,
			created_at, sent_at, updated_at, ends_at, instance, host, pid, given)
		VALUES ($1, $2, $3, $4, 'sent', $5, $6, $7, $8, $9, $9, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO UPDATE SET state = 'sent', idempotency_key = excluded.idempotency_key, amount = excluded.amount,
			sent_at = excluded.sent_at, updated_at = excluded.updated_at, ends_at = excluded.ends_at,
			instance = excluded.instance, host = excluded.host, pid = excluded.pid
		WHERE robutler_calls.state = 'prepared' AND robutler_calls.caller = excluded.caller`,
		asked.ID, asked.Caller, asked.Tool, asked.Class, asked.effect,
		sql.NullString{String: asked.IdempotencyKey, Valid: asked.IdempotencyKey != ""}, asked.Units, string(preview),
		now, asked.EndsAt.UnixMicro(), asked.Instance, j.self.host, j.self.pid, asked.apart())
	if err != nil {
		return err
	}
	changed, err := result.RowsAffected()
	if err == nil && changed != 1 {
		err = errTaken
	}
	return err
}

// errTaken cannot happen while the lock holds: it is the last fence before a second call.
var errTaken = errors.New("the call was claimed by another")

// callerLock is the lock that all claims of one caller take.
func callerLock(caller string) int64 {
	digest := keyedDigest(nil, []byte("caller lock"), []byte(caller))
	return int64(binary.BigEndian.Uint64(digest)) //nolint:gosec // any 64 bits will do
}

// outcome is how a call ended.
type outcome struct {
	State     State
	Result    json.RawMessage
	Failure   json.RawMessage
	RequestID string
	Detail    string
	// Units is what was moved, where that is known. More than was asked for counts.
	Units int64
}

// finish writes down how a call of this process ended, also when others have given it up meanwhile, or a person has settled
// it: who made the call knows better, unless it does not know either.
func (j *journal) finish(ctx context.Context, made claim, end outcome) error {
	changed, err := j.execAs(ctx, lasting, `UPDATE robutler_calls SET state = $1, result = $2, failure = $3, request_id = $4, detail = $5,
		updated_at = $6, amount = CASE WHEN amount < $9 THEN $9 ELSE amount END
		WHERE id = $7 AND instance = $8 AND (state IN ('sent', 'unknown') OR $10)`,
		string(end.State), string(end.Result), string(end.Failure), end.RequestID, end.Detail,
		j.now().UnixMicro(), made.ID, made.Instance, end.Units, end.State != Unknown)
	if err != nil {
		return fmt.Errorf("write the outcome: %w", err)
	}
	if changed == 0 {
		return errors.New("write the outcome: the call is no longer open")
	}
	return nil
}
