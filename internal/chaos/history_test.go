package chaos

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/shopspring/decimal"
)

// effect is something that the client wants done. Its marker and its amount are no other's.
type effect struct {
	number    uint64
	tool      string
	marker    string
	units     int64
	recipient string
}

func (e *effect) amount() string { return decimal.New(e.units, -9).String() }

// id names the effect as the ledger does.
func (e *effect) id() string { return order{kind: e.tool, marker: e.marker, units: e.units}.effect() }

// arguments are what a call for the effect is made with.
func (e *effect) arguments() map[string]any {
	switch e.tool {
	case toolSettle, toolExtend:
		return map[string]any{"lock_id": e.marker, "amount_usd": e.amount()}
	case toolDelegate:
		return map[string]any{"token": e.marker, "recipient": agentID, "amount_usd": e.amount()}
	case toolCreateKey:
		return map[string]any{"name": e.marker}
	default:
		return map[string]any{"token": e.marker, "amount_usd": e.amount()}
	}
}

// call is one tools/call as the client saw it.
type call struct {
	effect *effect
	// handle and key are what the call came with. Acknowledges is the earlier call that the handle's question named.
	handle, key, acknowledges string
	// foreign says that the handle was given for another call, so that nobody agreed to this one.
	foreign bool
	answer  answer
}

// answer is what a call was answered, as far as it matters.
type answer struct {
	Lost    bool
	Refused string // the error's code
	Status  string `json:"status"`
	// Replayed may also come from the platform.
	Replayed     bool             `json:"replayed"`
	Confirmation string           `json:"confirmation"`
	DuplicateOf  string           `json:"possible_duplicate_of"`
	Charged      *decimal.Decimal `json:"charged_credits"`
	Held         *decimal.Decimal `json:"held_credits"`
	Redeemed     *decimal.Decimal `json:"redeemed_credits"`
	Amount       *decimal.Decimal `json:"amount_credits"`
	RecipientID  string           `json:"recipient_id"`
}

func readAnswer(got reply) (answer, error) {
	if got.lost {
		return answer{Lost: true}, nil
	}
	var result struct {
		IsError           bool
		StructuredContent json.RawMessage
		Content           []struct{ Text string }
	}
	if err := json.Unmarshal(got.result, &result); err != nil || len(result.Content) == 0 {
		return answer{}, fmt.Errorf("no result: %s %s", got.result, got.fault)
	}
	var said answer
	if !result.IsError {
		err := json.Unmarshal(result.StructuredContent, &said)
		return said, err
	}
	var failure struct{ Code string }
	err := json.Unmarshal([]byte(result.Content[0].Text), &failure)
	said.Refused = failure.Code
	if failure.Code == "" && err == nil {
		err = fmt.Errorf("an error without a code: %s", result.Content[0].Text)
	}
	return said, err
}

// done reports that the call said that its effect was had.
func (a answer) done() bool { return !a.Lost && a.Refused == "" && a.Status == "done" }

// open reports that the answer leaves open what happened.
func (a answer) open() bool {
	switch a.Refused {
	case "outcome_unknown", "in_progress", "internal", "canceled":
		return true
	default:
		return a.Lost
	}
}

// moved is the amount that a success reported, or nil.
func (a answer) moved() *decimal.Decimal {
	for _, told := range []*decimal.Decimal{a.Charged, a.Held, a.Redeemed, a.Amount} {
		if told != nil {
			return told
		}
	}
	return nil
}

// history is all that the client did and saw.
type history struct {
	mu      sync.Mutex
	effects []*effect
	calls   []call
	codes   map[string]int
	// broken are answers that are none.
	broken []string
}

// note adds calls that were made.
func (h *history) note(c call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, c)
	h.codes[c.answer.name()]++
}

func (a answer) name() string {
	switch {
	case a.Lost:
		return "lost"
	case a.Refused != "":
		return a.Refused
	case a.Replayed:
		return "replayed"
	default:
		return a.Status
	}
}

// pick gives an earlier call with a handle, as random says, or nil.
func (h *history) pick(random func(int) int) *call {
	h.mu.Lock()
	defer h.mu.Unlock()
	for range 8 {
		if len(h.calls) == 0 {
			break
		}
		if c := h.calls[random(len(h.calls))]; c.handle != "" && !c.foreign {
			return &c
		}
	}
	return nil
}
