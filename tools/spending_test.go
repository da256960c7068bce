package tools

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/client"
)

func usage(at, amount string, more func(*client.Transaction)) client.Transaction {
	transaction := client.Transaction{Type: usageType}
	if day, err := time.Parse(time.RFC3339, at); err == nil {
		transaction.CreatedAt = &day
	}
	if credits, err := decimal.NewFromString(amount); err == nil {
		transaction.Amount = &credits
	}
	if more != nil {
		more(&transaction)
	}
	return transaction
}

func byName(name string) func(*client.Transaction) {
	return func(t *client.Transaction) { t.AgentName = name }
}

func TestSpendingOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 0, 30, 0, 0, time.FixedZone("east", 2*60*60)) // still the 23rd in UTC
	from := "2026-11-21T00:00:00Z"
	tests := []struct {
		name         string
		transactions []client.Transaction
		want         string
	}{
		{"nothing", nil, "21:0 22:0 23:0 = 0 complete"},
		{"days are of UTC", []client.Transaction{
			usage("2026-11-23T23:59:59Z", "-1", byName("a")), usage("2026-11-22T01:00:00+02:00", "-2", byName("a")), usage(from, "-4", byName("b")),
		}, "21:6 22:0 23:1 = 7 b:4 a:3 complete"},
		{"outside the window", []client.Transaction{
			usage("2026-11-24T00:00:00Z", "-1", byName("a")), usage("2026-11-20T23:59:59.9Z", "-1", byName("a")),
		}, "21:0 22:0 23:0 = 0 complete"},
		{"only what usage costs", []client.Transaction{
			usage(from, "5", byName("earner")), usage(from, "0", byName("free")),
			usage(from, "-1", func(t *client.Transaction) { t.Type = "transfer" }),
			usage(from, "-9", func(t *client.Transaction) { t.Type = "" }),
		}, "21:0 22:0 23:0 = 0 complete"},
		{"exact", []client.Transaction{
			usage(from, "-0.1", byName("a")), usage(from, "-0.2", byName("a")), usage(from, "-0.000000001", byName("b")),
		}, "21:0.300000001 22:0 23:0 = 0.300000001 a:0.3 b:0.000000001 complete"},
		{"no amount", []client.Transaction{usage(from, "?", nil)}, "21:0 22:0 23:0 = 0 partial"},
		{"no date", []client.Transaction{usage("?", "-1", nil)}, "21:0 22:0 23:0 = 0 partial"},
		{"a renamed agent goes by its last name", []client.Transaction{
			usage(from, "-1", func(t *client.Transaction) { t.AgentID, t.AgentName = "7", "new" }),
			usage(from, "-1", func(t *client.Transaction) { t.AgentID, t.AgentName = "7", "old" }),
			usage(from, "-1", func(t *client.Transaction) { t.AgentID = "7" }),
			usage(from, "-1", byName("new")),
			usage(from, "-1", func(t *client.Transaction) { t.AgentID = "8" }),
		}, "21:5 22:0 23:0 = 5 new:4 8:1 complete"},
		{"descriptions", []client.Transaction{
			usage(from, "-1", func(t *client.Transaction) { t.Description = "legal-translator: 2 documents" }),
			usage(from, "-2", func(t *client.Transaction) { t.Description = "Refund: legal-translator" }),
		}, "21:3 22:0 23:0 = 3 legal-translator:1 other:2 complete"},
	}
	for _, test := range tests {
		if got := summary(spendingOf(test.transactions, lastDays(3, now))); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// summary writes spending in a line.
func summary(spending Spending) string {
	var line strings.Builder
	for _, day := range spending.ByDay {
		fmt.Fprintf(&line, "%s:%s ", day.Date[8:], day.Credits)
	}
	fmt.Fprintf(&line, "= %s ", spending.TotalCredits)
	for _, agent := range spending.ByAgent {
		fmt.Fprintf(&line, "%s:%s ", agent.Agent, agent.Credits)
	}
	return line.String() + map[bool]string{true: "complete", false: "partial"}[spending.Complete]
}

func TestWindowOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	rows := func(dates ...string) []client.Transaction {
		var transactions []client.Transaction
		for _, date := range dates {
			transactions = append(transactions, usage(date+"T12:00:00Z", "-1", nil))
		}
		return transactions
	}
	for _, test := range []struct {
		transactions []client.Transaction
		from, to     string
		days         int
		whole        bool
	}{
		{nil, "2026-11-24", "2026-11-24", 1, true},
		{rows("soon"), "2026-11-24", "2026-11-24", 1, true},
		{rows("2026-10-02", "2026-10-01"), "2026-10-01", "2026-10-02", 2, true},
		{rows("2026-10-01", "2026-10-02"), "2026-10-01", "2026-10-02", 2, true},
		{rows("2026-11-24", "2026-08-25"), "2026-08-25", "2026-11-24", 92, true},
		{rows("2026-11-24", "2026-08-24"), "2026-08-25", "2026-11-24", 92, false},
		{rows("9999-12-31", "0001-01-01"), "9999-10-01", "9999-12-31", 92, false},
	} {
		got, whole := windowOf(test.transactions, now)
		if from, to := got.from.Format(time.DateOnly), got.to.Format(time.DateOnly); from != test.from || to != test.to ||
			got.days() != test.days || whole != test.whole {
			t.Errorf("%s to %s, %d days, whole %t; want %+v", from, to, got.days(), whole, test)
		}
	}
}

// TestSpendingAddsUp draws transactions and holds days, agents and total to each other and to a plain sum.
func TestSpendingAddsUp(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var transactions []client.Transaction
		for range rapid.IntRange(0, 60).Draw(t, "rows") {
			amount := decimal.New(rapid.Int64().Draw(t, "amount"), int32(rapid.IntRange(-12, 3).Draw(t, "exponent")))
			at := now.Add(-time.Duration(rapid.Int64Range(-5, 40*24*3600).Draw(t, "ago")) * time.Second)
			transactions = append(transactions, client.Transaction{
				Type: rapid.SampledFrom([]string{usageType, usageType, "addition", "transfer"}).Draw(t, "type"), Amount: &amount, CreatedAt: &at,
				AgentID: rapid.SampledFrom([]string{"", "", "1", "2"}).Draw(t, "id"), AgentName: rapid.StringN(0, 3, -1).Draw(t, "name"),
			})
		}
		days := rapid.IntRange(1, 45).Draw(t, "days")
		w := lastDays(days, now)
		spending := spendingOf(transactions, w)
		want, byDay, byAgent := decimal.Zero, decimal.Zero, decimal.Zero
		for _, transaction := range transactions {
			if transaction.Type == usageType && transaction.Amount.IsNegative() && w.holds(dayOf(*transaction.CreatedAt)) {
				want = want.Sub(*transaction.Amount)
			}
		}
		for i, day := range spending.ByDay {
			if day.Date != w.from.AddDate(0, 0, i).Format(time.DateOnly) || day.Credits.IsNegative() {
				t.Fatalf("day %d: %+v", i, day)
			}
			byDay = byDay.Add(day.Credits)
		}
		for i, agent := range spending.ByAgent {
			if !agent.Credits.IsPositive() || agent.Agent == "" || (i > 0 && agent.Agent != otherAgents && agent.Credits.GreaterThan(spending.ByAgent[i-1].Credits)) {
				t.Fatalf("agent %d: %+v", i, spending.ByAgent)
			}
			byAgent = byAgent.Add(agent.Credits)
		}
		if !byDay.Equal(want) || !byAgent.Equal(want) || !spending.TotalCredits.Equal(want) {
			t.Fatalf("days %s, agents %s, total %s; want %s", byDay, byAgent, spending.TotalCredits, want)
		}
		if len(spending.ByDay) != days || spending.Days != days || len(spending.ByAgent) > maxSpendingAgents+1 || !spending.Complete {
			t.Fatalf("%d days, %d agents", len(spending.ByDay), len(spending.ByAgent))
		}
	})
}

func TestAgentLabels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"legal-translator": "legal-translator", " two \n words\t": "two words", "a\x00b\u202ec\u200bd": "abcd", "\u200b \x1b": "", "агент": "агент",
		strings.Repeat("ä", 60): strings.Repeat("ä", maxAgentLabel) + "... (cut)",
	} {
		if got := agentLabel(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	for description, want := range map[string]string{
		"legal-translator: 2 documents": "legal-translator", "alice.helper: chat": "alice.helper", "a_b: x": "a_b",
		"Refund: x": "", "refund: x": "", "API usage": "", "Legal-Translator: x": "", "legal-translator:x": "", "two-word name: x": "",
		"-: x": "", ": x": "", strings.Repeat("a-", 40) + "a: x": "",
	} {
		if got := describedAgent(description); got != want {
			t.Errorf("%q: %q, want %q", description, got, want)
		}
	}
}
