package consent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// conclude says what an answer means for the journal, and what the caller is told when it is no success.
func conclude(class client.Class, result tools.Result, err error) (outcome, *tools.Error) {
	if err == nil {
		return outcome{State: Succeeded, Result: kept(class, result), RequestID: result.RequestID, Units: unitsMoved(result.MovedCredits)}, nil
	}
	told := *tools.Explain(err)
	out := outcome{State: Unknown}
	if refused, ok := errors.AsType[*client.APIError](err); ok {
		out.RequestID = refused.RequestID
	}
	switch {
	case errors.Is(err, tools.ErrNotSent):
		out.State = Rejected
		told.Retryable, told.RetryAfterSeconds = false, 0 // its handle and its key are used up
		if !strings.Contains(told.NextStep, tools.NothingSent) {
			told.NextStep = tools.NothingSent + " Call again without confirmation, and with another idempotency_key, once that is mended."
		}
	case hadNoEffect(err, told.Code):
		out.State = Rejected
	case told.Code == tools.CodeAmountMismatch:
		// The platform says what it did. An amount that cannot have been moved says nothing.
		if out.Units = unitsMoved(told.MovedCredits); out.Units > 0 {
			out.State = Succeeded
		}
	case told.Code != tools.CodeOutcomeUnknown:
		told = tools.Error{
			Code: tools.CodeOutcomeUnknown, Message: "outcome unknown: " + told.Message,
			NextStep: "It may have happened. Do not repeat it: see list_pending_payments, or read back with a list or get tool, " +
				"and repeat only if it is absent.",
		}
	}
	stored := told
	stored.PlatformSaid = "" // it may repeat arguments, and those may be as good as money
	out.Failure = stored.JSON()
	return out, &told
}

// unitsMoved is what the platform says that a call moved, or 0 where it tells no amount that can be.
func unitsMoved(credits *decimal.Decimal) int64 {
	if credits == nil || !credits.IsPositive() {
		return 0
	}
	return toUnits(decimal.Min(*credits, decimal.NewFromInt(maxCredits+1)))
}

// hadNoEffect reports that an error proves that nothing happened. A failure of the platform, a lost connection or an
// answer that cannot be read proves nothing.
func hadNoEffect(err error, code string) bool {
	if errors.Is(err, client.ErrOutcomeUnknown) || code == tools.CodeOutcomeUnknown {
		return false
	}
	if refused, ok := errors.AsType[*client.APIError](err); ok && refused.NotSent {
		return true
	}
	switch code {
	case tools.CodeInvalidArgument, tools.CodeKeyMissing, tools.CodeKeyRefused, tools.CodeForbidden,
		tools.CodeInsufficientFunds, tools.CodeNotFound, tools.CodeConflict, tools.CodeRateLimited,
		tools.CodeUnsupported, tools.CodeRejected:
		return true
	default:
		return false
	}
}

// kept is what may be stored of a result. What mints a secret has to say so itself.
func kept(class client.Class, result tools.Result) json.RawMessage {
	switch {
	case json.Valid(result.Kept):
		return result.Kept
	case result.Kept != nil || class == client.Secret || !json.Valid(result.Structured):
		return json.RawMessage("{}")
	default:
		return result.Structured
	}
}

// answerEarlier answers for a call with what became of an earlier one that has its handle or its idempotency key.
func (g *Gate) answerEarlier(ctx context.Context, a *attempt, earlier *Entry) (tools.Result, error) {
	if earlier.given != a.given && earlier.given != a.written {
		return tools.Result{}, &tools.Error{
			Code: tools.CodeConflict, Message: "nothing was sent: this idempotency_key was used for a call with other arguments",
			NextStep: "Use another idempotency_key, or repeat the first arguments to get its result.",
		}
	}
	ctx, cancel := journalContext(ctx)
	defer cancel()
	if err := a.journal.giveUpEntry(ctx, earlier); err != nil {
		return tools.Result{}, g.unavailable(ctx, err)
	}
	switch earlier.State {
	case Succeeded:
		return replaySuccess(earlier)
	case Rejected:
		return tools.Result{}, replayRejection(earlier)
	case Sent:
		return tools.Result{}, inProgress("the call was sent before and is still running")
	default:
		return tools.Result{}, replayUnknown(earlier)
	}
}

// replayUnknown says that nobody knows how the earlier call ended, and what was told to do about it then.
func replayUnknown(earlier *Entry) error {
	var stored tools.Error
	if len(earlier.failure) == 0 || json.Unmarshal(earlier.failure, &stored) != nil || stored.NextStep == "" {
		stored.NextStep = "It may have happened. Do not repeat it: see list_pending_payments, or read back with a list or get tool."
	}
	return &tools.Error{
		Code: tools.CodeOutcomeUnknown, Message: "the call was sent before, and its outcome is unknown; nothing was sent now",
		NextStep: stored.NextStep,
	}
}

func replaySuccess(earlier *Entry) (tools.Result, error) {
	if told, ok := otherAmount(earlier); ok {
		return tools.Result{}, told
	}
	if len(earlier.result) == 0 {
		return tools.Result{}, &tools.Error{
			Code: tools.CodeConflict, Message: "the call was made before and had its effect, but its answer was lost; nothing was sent now",
			NextStep: "Do not repeat it. Read back with a list or get tool what was done.",
		}
	}
	structured, err := markReplayed(earlier.result)
	if err != nil {
		return tools.Result{}, err
	}
	return tools.Result{Structured: structured, RequestID: earlier.RequestID}, nil
}

// otherAmount gives the failure of a call that moved another amount than was asked for.
func otherAmount(earlier *Entry) (*tools.Error, bool) {
	var told tools.Error
	err := json.Unmarshal(earlier.failure, &told)
	told.Message += storedAnswer
	return &told, err == nil && len(earlier.result) == 0 && told.Code == tools.CodeAmountMismatch
}

// storedAnswer marks a failure that is told once more.
const storedAnswer = " (stored answer; nothing was sent now)"

// markReplayed sets the member that tells a stored result from a new one.
func markReplayed(stored json.RawMessage) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(stored, &members); err != nil {
		return nil, fmt.Errorf("read the stored result: %w", err)
	}
	if members == nil {
		members = map[string]json.RawMessage{}
	}
	members["replayed"] = json.RawMessage("true")
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(members); err != nil {
		return nil, fmt.Errorf("encode the stored result: %w", err)
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

// replayRejection repeats why the earlier call was refused, and what was told to do about it. The same handle never calls
// again.
func replayRejection(earlier *Entry) error {
	told := tools.Error{Code: tools.CodeRejected, Message: "the call was made before and had no effect"}
	if len(earlier.failure) > 0 && json.Unmarshal(earlier.failure, &told) != nil {
		told.Code = tools.CodeRejected
	}
	told.Message = strings.TrimSuffix(told.Message, ".") + storedAnswer
	told.Retryable, told.RetryAfterSeconds, told.Answered = false, 0, true
	if told.Code == tools.CodeConflict && told.NextStep != "" {
		return &told // what it clashed with may be an earlier call: another key would make that one again
	}
	told.NextStep = strings.TrimSpace(told.NextStep + " The earlier call changed nothing. Once its cause is gone, call again without " +
		"confirmation and with another idempotency_key.")
	return &told
}
