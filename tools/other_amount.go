package tools

import (
	"errors"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
)

// amountTold gives the amount of what was made, or nil where the platform does not tell it.
func amountTold(amount decimal.Decimal, err error) *decimal.Decimal {
	if err != nil && !errors.Is(err, client.ErrAmountMismatch) {
		return nil
	}
	return &amount
}

// warningOf says what is wrong with the amount of what was made all the same, or nothing.
func warningOf(err error, next string) string {
	if err == nil {
		return ""
	}
	return "Check the amount: " + problem(err) + ". Do not repeat it: tell the user. " + next
}

// lockOutput gives a lock that was made also where its amount is another than was asked for: it has to be released.
func lockOutput(lock *client.Lock, err error) (LockOutput, error) {
	if lock == nil {
		return LockOutput{}, err
	}
	const next = "To give the hold back call settle_payment with this lock_id and release."
	return LockOutput{LockID: lock.ID, HeldCredits: amountTold(lock.AmountCredits, err), Warning: warningOf(err, next)}, nil
}

// tokenWarning says how to go on with a token of another amount than was asked for.
const tokenWarning = "Keep the token: verify_payment_token says what it holds."

// alarm tells a call's failure, with what it moved where that is another amount than was asked for.
func alarm(err error, moved *decimal.Decimal) error {
	if !errors.Is(err, client.ErrAmountMismatch) {
		return err
	}
	explained := *Explain(err)
	explained.Message, explained.MovedCredits = problem(err), moved
	return &explained
}

// problem says what is wrong with an amount in the client's words, which call the outcome unknown beside.
func problem(err error) string {
	if answered, ok := errors.AsType[*client.APIError](err); ok {
		return answered.Message
	}
	return Explain(err).Message
}

// moving is implemented by outputs of calls that may have moved another amount than was asked for.
type moving interface{ moved() *decimal.Decimal }

func (out LockOutput) moved() *decimal.Decimal {
	if out.Warning == "" {
		return nil // what an extended lock holds was not moved by that call alone
	}
	return out.HeldCredits
}

func (out TokenOutput) moved() *decimal.Decimal { return out.AmountCredits }
