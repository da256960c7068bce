package consent

import (
	"context"
	"fmt"
)

// retention is for how long the results of calls are kept. It must cover the day that limits are counted over.
const retention = 7 * day

// giveUp turns the sent calls of servers that are gone into unknown ones. An empty caller stands for all of them.
func (j *journal) giveUp(ctx context.Context, caller string) error {
	running, err := j.list(ctx, caller, []State{Sent}, maxEntries)
	if err != nil {
		return err
	}
	for i := range running {
		if err := j.giveUpEntry(ctx, &running[i]); err != nil {
			return err
		}
	}
	return nil
}

// giveUpEntry makes a call unknown, in the journal and in the entry, if who sent it is gone. It may run for as long as any
// call from now on, whatever clock its time was told by.
func (j *journal) giveUpEntry(ctx context.Context, entry *Entry) error {
	now := j.now().UnixMicro()
	if !j.self.lost(entry, now) {
		return nil
	}
	const why = "the server that made the call ended before its answer came"
	ends := min(entry.EndsAt.UnixMicro(), now+(CallTimeout+leaseMargin).Microseconds())
	changed, err := j.exec(ctx, `UPDATE robutler_calls SET state = 'unknown', detail = $1, updated_at = $2, ends_at = $3
		WHERE id = $4 AND state = 'sent' AND instance = $5`, why, now, ends, entry.ID, entry.instance)
	if err != nil {
		return fmt.Errorf("give up call: %w", err)
	}
	if changed > 0 {
		entry.State, entry.Detail, entry.EndsAt = Unknown, why, fromMicro(ends)
		return nil
	}
	current, err := j.byID(ctx, j.database, entry.Caller, entry.ID)
	if err == nil && current != nil {
		*entry = *current
	}
	return err
}

// settle writes down what was found out about an unknown call. That it had no effect is believed only once its time has
// run out: until then the platform may still be at it.
func (j *journal) settle(ctx context.Context, entry *Entry, state State, detail string) (bool, error) {
	now := j.now()
	if state != Succeeded && (state != Rejected || now.Before(entry.EndsAt)) {
		return false, nil
	}
	changed, err := j.exec(ctx, `UPDATE robutler_calls SET state = $1, failure = '', detail = $2, updated_at = $3
		WHERE id = $4 AND state = 'unknown'`, string(state), detail, now.UnixMicro(), entry.ID)
	if err != nil {
		return false, fmt.Errorf("settle call: %w", err)
	}
	return changed > 0, nil
}

// prune removes what nobody can need any more: handles that ended, and results after their time. Unknown calls stay. The
// latest call must be as much later than a result that goes: a clock that is ahead for a moment would else take all.
func (j *journal) prune(ctx context.Context) error {
	now := j.now()
	_, err := j.exec(ctx, `DELETE FROM robutler_calls WHERE (state = 'prepared' AND ends_at < $1)
		OR (state IN ('succeeded', 'rejected') AND updated_at < $2
			AND updated_at < (SELECT created_at FROM robutler_calls ORDER BY sequence DESC LIMIT 1) - $3)`,
		now.Add(-clockLeeway).UnixMicro(), now.Add(-retention).UnixMicro(), retention.Microseconds())
	if err != nil {
		return fmt.Errorf("prune journal: %w", err)
	}
	return nil
}
