package consent

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// attempt is one passing of a call through the gate.
type attempt struct {
	call    tools.GatedCall
	caller  tools.Caller
	journal *journal
	// name is the caller's in the journal.
	name string
	// arguments is what the handle is bound to.
	arguments []byte
	digests
	// deciding are the arguments that decide the effect.
	deciding json.RawMessage
	// opened is the handle that came with the call, or nil.
	opened *handle
	// asked is set when the journal has what the handle was given for.
	asked bool
	// id is the call's in the journal, once there is one.
	id string
	// shown is what the call would do now.
	shown tools.Preview
	units int64
	// unasked is the most that the day may come to without anybody having agreed; less than 0 for no such bound.
	unasked int64
	// claimed is what was claimed, and sendBy when it must have been sent at the latest.
	claimed claim
	sendBy  time.Time
	// made is set once the call was made; the audit trail is then written where it ends.
	made bool
}

// unbounded stands for there being no bound.
const unbounded = -1

const maxIdempotencyKey = 200

func newAttempt(j *journal, caller tools.Caller, call tools.GatedCall) (*attempt, error) {
	if !validIdempotencyKey(call.IdempotencyKey) {
		return nil, &tools.Error{
			Code: tools.CodeInvalidArgument, Message: "idempotency_key must have at most 200 visible characters",
			NextStep: "Nothing was sent. Use a short unique word, for example order-2041.",
		}
	}
	arguments, deciding, err := canonicalArguments(call.Arguments)
	if err != nil {
		return nil, badArguments(err)
	}
	written := deciding
	if len(call.Written) > 0 {
		if _, written, err = canonicalArguments(call.Written); err != nil {
			return nil, badArguments(err)
		}
	}
	a := &attempt{call: call, caller: caller, journal: j, name: j.callerName(caller.ID), deciding: deciding, unasked: unbounded}
	a.arguments = slices.Concat(arguments, []byte{0}, []byte(call.IdempotencyKey))
	a.given, a.written = a.digest(deciding), a.digest(written)
	a.effect = a.given
	return a, nil
}

func (a *attempt) digest(deciding json.RawMessage) string {
	return hex.EncodeToString(keyedDigest(a.journal.callers, []byte("effect"), []byte(a.name), []byte(a.call.Spec.Name), deciding))
}

func badArguments(err error) error {
	return &tools.Error{
		Code: tools.CodeInvalidArgument, Message: "the arguments cannot be read: " + err.Error(),
		NextStep: "Nothing was sent. Pass the arguments as one JSON object.",
	}
}

func validIdempotencyKey(key string) bool {
	if len(key) > maxIdempotencyKey || !utf8.ValidString(key) {
		return false
	}
	for _, r := range key {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// show takes what the call would do, with an amount that can be counted.
func (a *attempt) show(shown tools.Preview) error {
	a.shown = shown
	if a.call.Reference != "" && shown.Target != "" {
		of, err := withTarget(a.deciding, a.call.Reference, shown.Target)
		if err != nil {
			return badArguments(err)
		}
		a.effect = a.digest(of)
	}
	if shown.CostCredits == nil {
		return nil
	}
	if shown.CostCredits.IsNegative() {
		return &tools.Error{
			Code: tools.CodeInvalidArgument, Message: "the amount is negative", NextStep: "Nothing was sent. Correct the amount.",
		}
	}
	// Above this nobody has money, and every limit is lower.
	a.units = toUnits(decimal.Min(*shown.CostCredits, decimal.NewFromInt(maxCredits+1)))
	return nil
}

// terms are what a handle for this call is bound to.
func (a *attempt) terms(duplicate string) terms {
	amount := "unknown"
	if a.shown.CostCredits != nil {
		amount = a.shown.CostCredits.String()
	}
	return terms{
		Caller: a.name, Tool: a.call.Spec.Name, Arguments: a.arguments,
		Amount: amount, Recipient: a.shown.Recipient + "\x00" + a.shown.Target, Terms: a.shown.Terms,
		Duplicate: duplicate,
	}
}

// minds reports whether the same effect twice is taken for a mistake. Deleting or setting twice costs nothing.
func (a *attempt) minds() bool {
	return a.call.Spec.Class == client.Money || a.call.Spec.Class == client.Secret
}

// claim is the attempt as the journal takes it.
func (a *attempt) claim(options Options) claim {
	asked := claim{
		ID: a.id, Instance: a.journal.self.instance + "/" + newID(), Caller: a.name, Tool: a.call.Spec.Name,
		Class: a.call.Spec.Class.String(), digests: a.digests,
		IdempotencyKey: a.call.IdempotencyKey, Units: a.units, Preview: a.shown, AnyDuplicate: !a.minds(),
		PerCall: floorUnits(options.MaxSpendPerCall), PerDay: floorUnits(options.MaxSpendPerDay),
		Unasked: a.unasked,
		EndsAt:  options.Now().Add(options.CallTimeout + leaseMargin),
	}
	if a.opened != nil {
		asked.Agreed, asked.Acknowledged, asked.Unasked = true, a.opened.acknowledged(), unbounded
	}
	return asked
}

// floorUnits rounds a limit down, as toUnits rounds amounts up.
func floorUnits(credits decimal.Decimal) int64 { return credits.Shift(nanoCredits).Floor().IntPart() }
