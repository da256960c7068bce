package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/internal/consent"
)

// judge starts a server once more when all is quiet, reads everything back, and gives what does not hold.
func (e *episode) judge(ctx context.Context) (found []violation, err error) {
	for _, broken := range e.history.broken {
		found = append(found, violation{tidy, broken})
	}
	listed, err := e.listPending()
	if err != nil {
		return nil, err
	}
	for at := range e.slots {
		for _, what := range e.slots[at].untidy {
			found = append(found, violation{tidy, what})
		}
	}
	e.platform.close()
	rows, err := readJournal(ctx, e.settings.journal)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if rows[i].State == consent.Unknown && !slices.Contains(listed, rows[i].ID) {
			found = append(found, violation{tidy, fmt.Sprintf("the unknown call %s is not listed as pending", rows[i].ID)})
		}
	}
	found = append(found, e.check(rows)...)
	audit, err := e.checkAudit(rows)
	return append(found, audit...), err
}

// listPending asks a fresh server for the calls that are not decided, and gives their ids.
func (e *episode) listPending() (ids []string, err error) {
	s := e.server(0)
	if s == nil {
		return nil, *e.failed.Load()
	}
	for cursor, complete := "", false; !complete; {
		arguments := map[string]any{"limit": 100}
		if cursor != "" {
			arguments["cursor"] = cursor
		}
		got := <-s.call("list_pending_payments", arguments).reply
		var page struct {
			StructuredContent struct {
				Calls      []struct{ ID string }
				NextCursor string `json:"next_cursor"`
				Complete   bool
			}
		}
		if got.lost || json.Unmarshal(got.result, &page) != nil {
			return nil, fmt.Errorf("the pending payments cannot be listed: %s", s.stderr.String())
		}
		for _, listed := range page.StructuredContent.Calls {
			ids = append(ids, listed.ID)
		}
		cursor, complete = page.StructuredContent.NextCursor, page.StructuredContent.NextCursor == ""
	}
	s.hangUp()
	e.slots[0].mu.Lock()
	defer e.slots[0].mu.Unlock()
	e.slots[0].bury()
	return ids, nil
}

// journalLimit is how many entries the journal gives at once. An episode must have fewer of each state.
const journalLimit = 1000

func readJournal(ctx context.Context, journal string) (rows []consent.Entry, err error) {
	gate, err := consent.Open(ctx, consent.Options{
		Journal: journal, Mode: consent.ModeAuto, MaxSpendPerCall: decimal.Zero, MaxSpendPerDay: decimal.Zero,
	})
	if err != nil {
		return nil, err
	}
	for _, state := range []consent.State{consent.Prepared, consent.Sent, consent.Succeeded, consent.Rejected, consent.Unknown} {
		some, err := gate.Entries(ctx, consent.Query{AllCallers: true, States: []consent.State{state}})
		if err != nil {
			return nil, err
		}
		if len(some) == journalLimit {
			return nil, fmt.Errorf("the journal has more %s calls than it gives: run fewer operations an episode", state)
		}
		rows = append(rows, some...)
	}
	return rows, gate.Close(ctx)
}

// checkAudit verifies the audit trail, and that it has the claim of every call that was made.
func (e *episode) checkAudit(rows []consent.Entry) (found []violation, err error) {
	folder := e.settings.journal + ".audit"
	report, err := consent.VerifyAudit(folder)
	if err != nil {
		return nil, err
	}
	for _, fault := range report.Faults {
		found = append(found, violation{audited, fmt.Sprintf("%s:%d %s", fault.File, fault.Line, fault.Problem)})
	}
	claimed, err := claims(folder)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if !rows[i].SentAt.IsZero() && !claimed[rows[i].ID] {
			found = append(found, violation{audited, fmt.Sprintf("the call %s was made without a line", rows[i].ID)})
		}
	}
	return found, nil
}

func claims(folder string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil {
		return nil, err
	}
	claimed := map[string]bool{}
	for _, path := range files {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var line consent.AuditLine
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Outcome == "claim" {
				claimed[line.Handle] = true
			}
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
	return claimed, nil
}
