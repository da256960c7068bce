package tools

import (
	"context"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// Trial is embedded by the arguments of every tool that changes something.
type Trial struct {
	DryRun bool `json:"dry_run,omitempty" jsonschema:"default=false" jsonschema_description:"Only says what it would do."`
}

func (t Trial) onlyTry() bool        { return t.DryRun }
func (Trial) handle() string         { return "" }
func (Trial) idempotencyKey() string { return "" }

// Consent is embedded in place of [Trial] by the arguments of tools that somebody has to agree to.
type Consent struct {
	Trial
	Confirmation string `json:"confirmation,omitempty" jsonschema:"maxLength=200" jsonschema_description:"Handle from the first answer."`
}

func (c Consent) handle() string { return c.Confirmation }

// MoneyConsent is embedded in place of [Consent] by the arguments of tools that move value.
type MoneyConsent struct {
	Consent
	IdempotencyKey string `json:"idempotency_key,omitempty" jsonschema:"minLength=1,maxLength=200,pattern=^[!-~]+$" jsonschema_description:"Same key: done once."`
}

func (c MoneyConsent) idempotencyKey() string { return c.IdempotencyKey }

// mutating is what the arguments of a tool that changes something tell beside what it should do.
type mutating interface {
	onlyTry() bool
	handle() string
	idempotencyKey() string
}

// respelled is implemented by arguments that hold texts with several spellings of the same.
type respelled interface{ inOneForm() any }

// referring is implemented by arguments that name what the call is about by its id or its name. It gives the argument.
type referring interface{ reference() string }

// The values of Status in [MutationOutput].
const (
	StatusDone                 = "done"
	StatusDryRun               = "dry_run"
	StatusConfirmationRequired = "confirmation_required"
)

// MutationOutput is the part that the results of all tools which change something share.
type MutationOutput struct {
	Status string `json:"status"`
	// Replayed says that this is the stored result of the same call before: nothing was done again.
	Replayed bool `json:"replayed,omitempty"`
	*Preview
	Confirmation        string     `json:"confirmation,omitempty"`
	ExpiresAt           *time.Time `json:"confirmation_expires_at,omitempty"`
	PossibleDuplicateOf *time.Time `json:"possible_duplicate_of,omitempty"`
	NextStep            string     `json:"next_step,omitempty"`
}

// mutationSchemas are what the schemas of all tools that change something are joined with.
type mutationSchemas struct{ output, confirmation *schema.Schema }

// defineMutation builds a tool that changes something: it can say what it would do, and the platform's gate decides when
// it does it.
func defineMutation[In mutating, Out any](platform Platform, spec Spec, preview func(context.Context, In) (Preview, error),
	handle func(context.Context, In) (Out, error)) Tool {
	tool := Define(spec, handle)
	tool.Output = schema.Join(platform.mutations.output, tool.Output)
	if platform.ConfirmAll {
		// Those that nobody is asked about otherwise take a handle then, too.
		tool.Input = schema.Join(tool.Input, platform.mutations.confirmation)
	}
	input := tool.Input
	tool.call = func(ctx context.Context, arguments json.RawMessage) (Result, error) {
		in, err := schema.Bind[In](input, arguments)
		if err != nil {
			return Result{}, err
		}
		return mutate(ctx, platform, spec, arguments, mutation{
			in:      in,
			preview: func(ctx context.Context) (Preview, error) { return preview(ctx, in) },
			do: func(ctx context.Context) (any, error) {
				out, err := handle(ctx, in)
				return out, err
			},
		})
	}
	return tool
}

// mutation is a call of a tool that changes something. It is not generic, so that what is done with it is linked once.
type mutation struct {
	in      mutating
	preview func(context.Context) (Preview, error)
	do      func(context.Context) (any, error)
}

// mutate tries a call, or has it made when the gate lets it.
func mutate(ctx context.Context, platform Platform, spec Spec, arguments json.RawMessage, m mutation) (Result, error) {
	handed := m.in.handle()
	if handed == "" && platform.ConfirmAll {
		handed = handleIn(arguments)
	}
	if m.in.onlyTry() {
		found, err := m.preview(ctx)
		if err == nil && platform.Journal != nil {
			err = platform.Journal.CheckLimits(ctx, GatedCall{Spec: spec, IdempotencyKey: m.in.idempotencyKey()}, found)
		}
		if err != nil {
			return Result{}, err
		}
		return tried(spec, found)
	}
	written, err := canonicalArguments(m.in)
	if err != nil {
		return Result{}, err
	}
	canonical, reference := written, ""
	if in, ok := m.in.(respelled); ok {
		if canonical, err = canonicalArguments(in.inOneForm()); err != nil {
			return Result{}, err
		}
	}
	if in, ok := m.in.(referring); ok {
		reference = in.reference()
	}
	target := ""
	var cost *decimal.Decimal
	gated := GatedCall{
		Spec: spec, Arguments: canonical, Written: written, Reference: reference,
		Confirmation: handed, IdempotencyKey: m.in.idempotencyKey(),
		Preview: func(ctx context.Context) (Preview, error) {
			found, err := m.preview(ctx)
			target = found.Target
			cost = found.CostCredits
			return found, err
		},
		Do: func(ctx context.Context) (Result, error) {
			ctx = context.WithValue(ctx, costKey{}, cost)
			ctx, requestID := client.CaptureRequestID(context.WithValue(ctx, targetKey{}, target))
			out, err := m.do(ctx)
			if err != nil {
				return Result{}, err
			}
			result, err := done(spec, out)
			result.RequestID = requestID()
			return result, err
		},
	}
	return pass(ctx, platform.Gate, gated)
}

// confirmationArgument is what tools take beside their own arguments where every change is asked about.
type confirmationArgument struct {
	Confirmation string `json:"confirmation,omitempty" jsonschema:"maxLength=200" jsonschema_description:"Handle from the first answer."`
}

func handleIn(arguments json.RawMessage) string {
	var given confirmationArgument
	_ = json.Unmarshal(arguments, &given) // they were read before; what is no text is no handle
	return given.Confirmation
}

type targetKey struct{}

// targetOf gives the id that was shown to whoever agreed, or what the arguments say where nobody was asked: a name may
// have passed to another in between.
func targetOf(ctx context.Context, reference string) string {
	if target, _ := ctx.Value(targetKey{}).(string); target != "" {
		return target
	}
	return reference
}

type costKey struct{}

// costOf gives the amount that was shown to whoever agreed, or nil where nobody was asked.
func costOf(ctx context.Context) *decimal.Decimal {
	cost, _ := ctx.Value(costKey{}).(*decimal.Decimal)
	return cost
}

// pass makes a call through the gate, or at once where there is none.
func pass(ctx context.Context, gate Gate, call GatedCall) (Result, error) {
	if gate == nil {
		return call.Do(ctx)
	}
	result, err := gate.Pass(ctx, call)
	if err != nil || result.Pending == nil {
		return result, err
	}
	pending, err := confirmationResult(call.Spec, *result.Pending)
	pending.Pending = result.Pending
	return pending, err
}

// done marks the facts of a call that was made.
func done(spec Spec, out any) (Result, error) {
	result, err := resultOf(spec, out)
	if err != nil {
		return result, err
	}
	result.Structured = withStatus(result.Structured, StatusDone)
	if mover, ok := out.(moving); ok {
		result.MovedCredits = mover.moved()
	}
	if keeper, ok := out.(secretive); ok {
		kept, err := resultOf(spec, keeper.withoutSecrets())
		if err != nil {
			return result, err
		}
		result.Kept = withStatus(kept.Structured, StatusDone)
	}
	return result, nil
}

// secretive is implemented by outputs that show a secret.
type secretive interface{ withoutSecrets() any }

// withStatus puts the status first in an object.
func withStatus(object json.RawMessage, status string) json.RawMessage {
	first := []byte(`{"status":"` + status + `"`)
	if len(object) > len(`{}`) {
		first = append(first, ',')
	}
	return append(first, object[1:]...)
}

// tried is the result of a call that was only tried.
func tried(spec Spec, found Preview) (Result, error) {
	return resultOf(spec, MutationOutput{
		Status: StatusDryRun, Preview: &found, NextStep: "Nothing has been done. To do it call again without dry_run.",
	})
}

// confirmationResult asks for somebody's agreement.
func confirmationResult(spec Spec, pending Confirmation) (Result, error) {
	out := MutationOutput{
		Status: StatusConfirmationRequired, Preview: &pending.Preview, Confirmation: pending.Handle, ExpiresAt: &pending.ExpiresAt,
		NextStep: "Nothing has been done. Show the user what it would do; when they agree, call again with the same arguments and this confirmation.",
	}
	if !pending.DuplicateOf.IsZero() {
		out.PossibleDuplicateOf = &pending.DuplicateOf
		out.NextStep = "The same was asked for before, at possible_duplicate_of. Nothing has been done again. " + out.NextStep[len("Nothing has been done. "):]
	}
	return resultOf(spec, out)
}

// canonicalArguments gives what decides a call's effect in one form, its members sorted.
func canonicalArguments(in any) (json.RawMessage, error) {
	encoded, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &members); err != nil {
		return nil, err
	}
	delete(members, "dry_run")
	delete(members, "confirmation")
	return json.Marshal(members)
}
