package cluster

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// effect names a call that moves money by its tool and its amount in billionths of a credit.
type effect struct {
	tool string
	nano int64
}

// ledger is what the platform's database says was done, and how often.
type ledger struct {
	effects map[effect]int
	// taken is what the tokens gave, and left what they hold now.
	taken, left int64
}

// openPlatform opens the platform's database.
func (c *cluster) openPlatform(t *testing.T) *sql.DB {
	t.Helper()
	database, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: c.platformDatabase}).String()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	return database
}

// tokenIDs gives the ids of the tokens that are to be spent, and of one that nobody spends.
func (c *cluster) tokenIDs(t *testing.T) (spent []string, untouched string) {
	t.Helper()
	rows, err := c.openPlatform(t).QueryContext(t.Context(),
		"SELECT id, budget_nano FROM payment_tokens ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		var id string
		var budget int64
		if err := rows.Scan(&id, &budget); err != nil {
			t.Fatal(err)
		}
		if budget == tokenCredits*1_000_000_000 {
			spent = append(spent, id)
		} else {
			untouched = id
		}
	}
	if err := rows.Err(); err != nil || len(spent) != tokens || untouched == "" {
		t.Fatalf("%d tokens: %v", len(spent), err)
	}
	return spent, untouched
}

// readLedger reads what was done since the start, and checks that the books balance.
func (c *cluster) readLedger(t *testing.T) ledger {
	t.Helper()
	database := c.openPlatform(t)
	var adrift int64
	err := database.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM (SELECT entry FROM postings GROUP BY entry HAVING SUM(nano) <> 0))
		+ (SELECT count(*) FROM accounts WHERE nano <> (SELECT COALESCE(SUM(nano), 0) FROM postings WHERE account = name))`).Scan(&adrift)
	if err != nil || adrift != 0 {
		t.Errorf("the books do not balance in %d places: %v", adrift, err)
	}
	rows, err := database.QueryContext(t.Context(), `SELECT entries.source, entries.kind, postings.account, postings.nano
		FROM postings JOIN entries ON entries.sequence = postings.entry WHERE entries.source <> 'seed'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	read := ledger{effects: map[effect]int{}}
	held := map[int64]int{}
	for rows.Next() {
		var source, kind, account string
		var nano int64
		if err := rows.Scan(&source, &kind, &account, &nano); err != nil {
			t.Fatal(err)
		}
		read.book(held, source, account, nano)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	// What is redeemed at once is held for a moment, too.
	for nano, n := range held {
		if nano < firstRedemption {
			read.effects[effect{lockTool, nano}] = n
		} else if charged := read.effects[effect{redeemTool, nano}]; charged != n {
			t.Errorf("%d of a redemption is held %d times and charged %d times", nano, n, charged)
		}
	}
	err = database.QueryRowContext(t.Context(), `SELECT SUM(accounts.nano) FROM accounts JOIN payment_tokens
		ON accounts.name = 'token:' || payment_tokens.id WHERE budget_nano = ?`, int64(tokenCredits)*1_000_000_000).Scan(&read.left)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// book counts a posting by the tool that made it.
func (l *ledger) book(held map[int64]int, source, account string, nano int64) {
	switch {
	case strings.HasPrefix(account, "token:") && nano < 0:
		l.taken -= nano
	case !strings.HasPrefix(account, "lock:"):
	case source == "lock" && nano > 0:
		held[nano]++
	case source == "settle" && -nano < firstRedemption:
		l.effects[effect{settleTool, -nano}]++
	case source == "settle":
		l.effects[effect{redeemTool, -nano}]++
	}
}

// row is a call of the journal that was sent.
type row struct {
	id, state string
	effect    effect
	endsAt    time.Time
}

// readJournal reads the calls that were sent.
func (c *cluster) readJournal(t *testing.T) []row {
	t.Helper()
	found, err := c.journal.rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (j *journalDatabase) rows(ctx context.Context) (found []row, err error) {
	rows, err := j.database.QueryContext(ctx,
		"SELECT id, state, tool, amount, ends_at FROM robutler_calls WHERE state <> 'prepared' ORDER BY sequence")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r row
		var ends int64
		if err := rows.Scan(&r.id, &r.state, &r.effect.tool, &r.effect.nano, &ends); err != nil {
			return nil, err
		}
		r.endsAt = time.UnixMicro(ends)
		found = append(found, r)
	}
	return found, rows.Err()
}

// undecided asks the journal command which calls are undecided. What servers that are gone had sent is given up by that.
func (c *cluster) undecided(t *testing.T) map[string]string {
	t.Helper()
	printed, err := c.cli(t.Context(), "journal", "--json", "--journal", c.journal.address)
	if err != nil {
		t.Fatal(err)
	}
	var listed struct {
		Entries []struct{ ID, State string }
	}
	if err := json.Unmarshal([]byte(printed), &listed); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	states := map[string]string{}
	for _, entry := range listed.Entries {
		states[entry.ID] = entry.State
	}
	return states
}

// reconcile notes what became of every call whose outcome is unknown, as a person does who looks it up at the platform.
// That a call had no effect is taken down only once its time has run out.
func (c *cluster) reconcile(t *testing.T, b *books) {
	t.Helper()
	succeeded, rejected := 0, 0
	for _, r := range b.rows {
		if r.state != unknown {
			continue
		}
		outcome := "succeeded"
		if b.done.effects[r.effect] == 0 {
			outcome = "rejected"
			time.Sleep(time.Until(r.endsAt) + 100*time.Millisecond)
			rejected++
		} else {
			succeeded++
		}
		if _, err := c.cli(t.Context(), "journal", "settle", r.id, outcome, "--journal", c.journal.address); err != nil {
			t.Errorf("settle %v: %v", r.effect, err)
		}
	}
	if left := c.undecided(t); len(left) > 0 {
		t.Errorf("%d calls are still undecided", len(left))
	}
	t.Logf("%d calls of an unknown outcome had been made, %d had not; all are decided now", succeeded, rejected)
}

func (e effect) String() string { return fmt.Sprintf("%s of %s", e.tool, amountOf(int(e.nano))) }
