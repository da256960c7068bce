package chaos

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/internal/consent"
)

// The invariants.
const (
	tidy     = iota // every request that was accepted is answered, servers end well, unknown calls are listed
	once            // a handle or an idempotency key is sent, and has its effect, at most once
	agreedTo        // the same effect again is had only where somebody was shown the first and agreed
	truly           // what was reported as done is in the ledger, with its amount and recipient
	recorded        // what is in the ledger is succeeded, unknown or sent in the journal
	truthful        // what was refused was not done
	limited         // the limits hold
	audited         // the audit trail verifies, and has every call that was made
)

var invariantNames = []string{
	"0 nothing left behind", "1a once per handle and key", "1b no duplicate unasked", "2 success is in the ledger",
	"3 ledger is in the journal", "4 refused is not done", "5 within the limits", "6 audit trail verifies",
}

// violation is an invariant that does not hold.
type violation struct {
	invariant int
	what      string
}

func (v violation) String() string { return "invariant " + invariantNames[v.invariant] + ": " + v.what }

// evidence is all that is known of an effect at the end.
type evidence struct {
	effect  *effect
	calls   []call
	commits []commit
	sends   int
	rows    []consent.Entry
}

// check holds history, ledger, journal and audit trail against each other.
func (e *episode) check(rows []consent.Entry) []violation {
	var found []violation
	all, stray := e.gather(rows)
	for _, commit := range stray {
		found = append(found, violation{truly, fmt.Sprintf("the ledger has what nobody wanted: %+v", commit)})
	}
	for _, known := range all {
		for _, broken := range []*violation{known.checkOnce(e.settings.mode), known.checkReports(), known.checkRows(), known.checkRefusals()} {
			if broken != nil {
				broken.what += known.describe()
				found = append(found, *broken)
			}
		}
	}
	for key, sends := range e.platform.ledger.keySends {
		if sends > 1 {
			found = append(found, violation{once, fmt.Sprintf("the idempotency key %s was sent %d times", key, sends)})
		}
	}
	return append(found, e.checkLimits()...)
}

// gather sorts the evidence by effect. The journal's rows are found by their amount, which is no other effect's.
func (e *episode) gather(rows []consent.Entry) (all []*evidence, stray []commit) {
	byID, byAmount, byName := map[string]*evidence{}, map[string]*evidence{}, map[string]*evidence{}
	for _, wanted := range e.history.effects {
		known := &evidence{effect: wanted, sends: e.platform.ledger.sends[wanted.id()]}
		all = append(all, known)
		byID[wanted.id()] = known
		byAmount[wanted.amount()], byName[wanted.marker] = known, known
	}
	for _, made := range e.history.calls {
		known := byID[made.effect.id()]
		known.calls = append(known.calls, made)
	}
	for _, done := range e.platform.ledger.commits {
		if known := byID[done.effect()]; known != nil {
			known.commits = append(known.commits, done)
		} else {
			stray = append(stray, done)
		}
	}
	for i := range rows {
		known := byAmount[rows[i].Amount.String()]
		if name, ok := rows[i].Preview.After["name"].(string); ok && rows[i].Tool == toolCreateKey {
			known = byName[name]
		}
		if known != nil {
			known.rows = append(known.rows, rows[i])
		}
	}
	return all, stray
}

// agreed is how often the effect may be had: once, and once more for each earlier call that somebody was shown and
// agreed to repeat. Where nobody has to be asked, to call is to agree. Handles counts what the calls were made with.
func (k *evidence) agreed(mode string) (agreed, handles int) {
	var repeated, used []string
	for i, made := range k.calls {
		if made.foreign || (made.handle == "" && mode != "off") {
			continue
		}
		agreed = 1
		if made.handle == "" {
			made.handle = strconv.Itoa(i)
		}
		if !slices.Contains(used, made.handle) {
			used = append(used, made.handle)
		}
		if made.acknowledges != "" && !slices.Contains(repeated, made.acknowledges) {
			repeated = append(repeated, made.acknowledges)
		}
	}
	return agreed + len(repeated), len(used)
}

func (k *evidence) checkOnce(mode string) *violation {
	agreed, handles := k.agreed(mode)
	told := fmt.Sprintf("agreed to %d times by %d handles, sent %d times, done %d times", agreed, handles, k.sends, len(k.commits))
	switch most := max(k.sends, len(k.commits)); {
	case most > handles:
		return &violation{once, told}
	case most > agreed:
		return &violation{agreedTo, told}
	default:
		return nil
	}
}

func (k *evidence) checkReports() *violation {
	asked := decimal.New(k.effect.units, -9)
	for _, made := range k.calls {
		if !made.answer.done() {
			continue
		}
		if len(k.commits) == 0 {
			return &violation{truly, "reported as done, and not in the ledger"}
		}
		if moved := made.answer.moved(); moved != nil && !moved.Equal(asked) && k.effect.tool != toolCreateKey {
			return &violation{truly, fmt.Sprintf("reported %s, asked for %s", moved, asked)}
		}
		if got := made.answer.RecipientID; got != k.effect.recipient {
			return &violation{truly, fmt.Sprintf("reported the recipient %q", got)}
		}
	}
	for _, done := range k.commits {
		if done.recipient != k.effect.recipient || done.units != k.effect.units {
			return &violation{truly, fmt.Sprintf("the ledger has %+v", done.order)}
		}
	}
	if succeeded := k.count(consent.Succeeded); succeeded > len(k.commits) {
		return &violation{truly, fmt.Sprintf("%d calls succeeded in the journal, %d in the ledger", succeeded, len(k.commits))}
	}
	return nil
}

func (k *evidence) checkRows() *violation {
	if may := k.count(consent.Succeeded, consent.Unknown, consent.Sent); len(k.commits) > may {
		return &violation{recorded, fmt.Sprintf("done %d times, and the journal knows of %d", len(k.commits), may)}
	}
	return nil
}

// checkRefusals looks at effects of which every single call was plainly refused.
func (k *evidence) checkRefusals() *violation {
	for _, made := range k.calls {
		if made.answer.open() || made.answer.done() {
			return nil
		}
	}
	if len(k.commits) > 0 {
		return &violation{truthful, "every call was refused or only asked about, and it was done"}
	}
	return nil
}

func (k *evidence) count(states ...consent.State) (n int) {
	for i := range k.rows {
		if slices.Contains(states, k.rows[i].State) {
			n++
		}
	}
	return n
}

// describe tells the story of an effect.
func (k *evidence) describe() string {
	var story strings.Builder
	story.WriteString("\n  effect " + k.effect.id())
	for _, made := range k.calls {
		fmt.Fprintf(&story, "\n  call handle=%.20s key=%s acknowledges=%s foreign=%t: %s", made.handle, made.key, made.acknowledges, made.foreign, made.answer.name())
	}
	for i := range k.rows {
		fmt.Fprintf(&story, "\n  row %s %s sent %s %s", k.rows[i].ID[:8], k.rows[i].State, k.rows[i].SentAt, k.rows[i].Detail)
	}
	for _, done := range k.commits {
		fmt.Fprintf(&story, "\n  done at %s", done.at.UTC())
	}
	return story.String()
}

// checkLimits sums what was done. A run over midnight has two days' limits.
func (e *episode) checkLimits() (found []violation) {
	perCall, perDay := decimal.RequireFromString(e.settings.perCall), decimal.RequireFromString(e.settings.perDay)
	var sum decimal.Decimal
	last := e.began
	for _, done := range e.platform.ledger.commits {
		amount := decimal.New(done.units, -9)
		sum = sum.Add(amount)
		last = done.at
		if amount.GreaterThan(perCall) {
			found = append(found, violation{limited, fmt.Sprintf("%s in one call", amount)})
		}
	}
	if last.UTC().YearDay() != e.began.UTC().YearDay() {
		perDay = perDay.Mul(decimal.NewFromInt(2))
	}
	if sum.GreaterThan(perDay) {
		found = append(found, violation{limited, fmt.Sprintf("%s in all, the limit is %s", sum, perDay)})
	}
	return found
}
