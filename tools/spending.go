package tools

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
)

// Spending is what usage cost within a window of days. The days' credits and the agents' each come to the total.
type Spending struct {
	// Days counts the days of the window, From and To included. All dates are of UTC.
	Days         int             `json:"days"`
	From         string          `json:"from"`
	To           string          `json:"to"`
	TotalCredits decimal.Decimal `json:"total_credits"`
	// ByDay holds every day of the window, oldest first.
	ByDay []DaySpending `json:"by_day"`
	// ByAgent holds who was paid most, most first; what is left and what names no agent stands last, under "other".
	ByAgent []AgentSpending `json:"by_agent"`
	// Complete is false where rows of the window are left out: too many, without a date, or without an amount.
	Complete bool `json:"complete"`
}

// DaySpending is what a day cost.
type DaySpending struct {
	Date    string          `json:"date"`
	Credits decimal.Decimal `json:"credits"`
}

// AgentSpending is what an agent cost.
type AgentSpending struct {
	Agent   string          `json:"agent"`
	Credits decimal.Decimal `json:"credits"`
}

// The bounds of a chart.
const (
	maxSpendingAgents = 8
	maxSpendingDays   = 92
	maxAgentLabel     = 48
	otherAgents       = "other"
	usageType         = "usage"
)

// dayRange is a window of days, each at midnight UTC, both included.
type dayRange struct{ from, to time.Time }

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func (w dayRange) days() int { return int(w.to.Sub(w.from)/(24*time.Hour)) + 1 }

func (w dayRange) holds(day time.Time) bool { return !day.Before(w.from) && !day.After(w.to) }

// lastDays is the window of that many days that ends today.
func lastDays(days int, now time.Time) dayRange {
	today := dayOf(now)
	return dayRange{from: today.AddDate(0, 0, 1-days), to: today}
}

// windowOf spans the days of transactions, at most maxSpendingDays of them and rather the last ones. It says whether
// all of them are within.
func windowOf(transactions []client.Transaction, now time.Time) (w dayRange, whole bool) {
	for i := range transactions {
		if transactions[i].CreatedAt == nil {
			continue
		}
		day := dayOf(*transactions[i].CreatedAt)
		if w.from.IsZero() || day.Before(w.from) {
			w.from = day
		}
		if w.to.IsZero() || day.After(w.to) {
			w.to = day
		}
	}
	if w.to.IsZero() {
		return lastDays(1, now), true
	}
	if earliest := w.to.AddDate(0, 0, 1-maxSpendingDays); w.from.Before(earliest) {
		return dayRange{from: earliest, to: w.to}, false
	}
	return w, true
}

// spendingOf adds up the usage of a window among transactions, which come newest first. It is not complete where usage
// has no date or no amount.
func spendingOf(transactions []client.Transaction, w dayRange) Spending {
	spending := Spending{Days: w.days(), From: w.from.Format(time.DateOnly), To: w.to.Format(time.DateOnly), Complete: true}
	days, agents := map[time.Time]decimal.Decimal{}, map[string]decimal.Decimal{}
	label := agentLabels(transactions)
	for i := range transactions {
		transaction := &transactions[i]
		if transaction.Type != usageType {
			continue
		}
		if transaction.Amount == nil || transaction.CreatedAt == nil {
			spending.Complete = false
			continue
		}
		day := dayOf(*transaction.CreatedAt)
		// What is not negative, the user's own agents earned.
		if !transaction.Amount.IsNegative() || !w.holds(day) {
			continue
		}
		cost, agent := transaction.Amount.Neg(), label(transaction)
		days[day] = days[day].Add(cost)
		agents[agent] = agents[agent].Add(cost)
		spending.TotalCredits = spending.TotalCredits.Add(cost)
	}
	for day := w.from; !day.After(w.to); day = day.AddDate(0, 0, 1) {
		spending.ByDay = append(spending.ByDay, DaySpending{Date: day.Format(time.DateOnly), Credits: days[day]})
	}
	spending.ByAgent = rankAgents(agents)
	return spending
}

// rankAgents puts the most expensive first and adds up those after the first maxSpendingAgents.
func rankAgents(agents map[string]decimal.Decimal) []AgentSpending {
	other, some := agents[otherAgents]
	ranked := make([]AgentSpending, 0, len(agents))
	for agent, credits := range agents {
		if agent != otherAgents {
			ranked = append(ranked, AgentSpending{Agent: agent, Credits: credits})
		}
	}
	slices.SortFunc(ranked, func(a, b AgentSpending) int {
		return cmp.Or(b.Credits.Cmp(a.Credits), strings.Compare(a.Agent, b.Agent))
	})
	for len(ranked) > maxSpendingAgents {
		last := len(ranked) - 1
		other, some = other.Add(ranked[last].Credits), true
		ranked = ranked[:last]
	}
	if some {
		ranked = append(ranked, AgentSpending{Agent: otherAgents, Credits: other})
	}
	return ranked
}

// agentLabels gives the function that names a transaction's agent. An agent that was renamed goes by its last name.
func agentLabels(transactions []client.Transaction) func(*client.Transaction) string {
	names := map[string]string{}
	for i := range transactions {
		id, name := transactions[i].AgentID, agentLabel(transactions[i].AgentName)
		if id != "" && name != "" && names[id] == "" {
			names[id] = name
		}
	}
	return func(transaction *client.Transaction) string {
		return cmp.Or(names[transaction.AgentID], agentLabel(transaction.AgentName), agentLabel(transaction.AgentID),
			describedAgent(transaction.Description), otherAgents)
	}
}

// agentLabel makes one short line of printable characters of a name that third parties chose.
func agentLabel(name string) string {
	printable := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || invisible(r):
			return -1
		default:
			return r
		}
	}, name)
	return shorten(strings.Join(strings.Fields(printable), " "), maxAgentLabel)
}

// describedAgent reads the agent out of a description like "legal-translator: 2 documents", for platforms that tell it
// nowhere else. Plain words before a colon are no agent.
func describedAgent(description string) string {
	name, _, found := strings.Cut(description, ": ")
	if !found || len(name) > maxAgentLabel || !strings.ContainsAny(strings.Trim(name, "-._"), "-._") {
		return ""
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-._", r) {
			return ""
		}
	}
	return name
}

// Charting is the argument of the tools that can show spending.
type Charting struct {
	Chart bool `json:"chart,omitempty" jsonschema_description:"Adds spending by day and agent, with a picture."`
}

// charted is the part that their results share.
type charted struct {
	Spending *Spending `json:"spending,omitempty"`
}

// attachments draws the picture. A result is whole without it, should the picture fail.
func (c charted) attachments() []Attachment {
	if c.Spending == nil {
		return nil
	}
	picture, err := drawSpending(c.Spending)
	if err != nil {
		return nil
	}
	return []Attachment{{Kind: AttachedImage, Name: "spending.png", MIMEType: "image/png", Data: picture}}
}
