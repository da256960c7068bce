package client

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Settlement is the result of a charge.
type Settlement struct {
	// ChargedCredits is what was charged, or nil where the platform says only that it did charge.
	ChargedCredits *decimal.Decimal
	// RemainingCredits is what the lock still holds, or nil: a charge of a token leaves no lock behind, and the platform
	// does not tell what the token holds. See [TokensService.Balance].
	RemainingCredits *decimal.Decimal
	// Partial says that less than asked for was charged, since no more was held; UnbilledCredits is the rest.
	Partial         bool
	UnbilledCredits *decimal.Decimal
	// Replayed says that this is the stored result of the same call before.
	Replayed bool
	// TransactionID is the platform's name for the settlement, or empty.
	TransactionID string
}

// charge is what a call asked to charge, for its answer to be held to.
type charge struct {
	// asked is how much, or nil where the platform prices it.
	asked *decimal.Decimal
	// release says that nothing was to be charged.
	release bool
	// lockID is the lock that was charged, so that what remains is what it holds; empty where a token was.
	lockID string
	// silent says that a success of the route needs no words.
	silent bool
}

// decodeSettlement reads a charge. One of another amount than was asked for is given together with an error.
func decodeSettlement(o *operation, got answer, asked charge) (*Settlement, error) {
	var wire struct {
		Success          flag   `json:"success"`
		LockID           text   `json:"lockId"`
		ChargedDollars   amount `json:"chargedDollars"`
		Charged          amount `json:"charged"`
		RemainingDollars amount `json:"remainingDollars"`
		Remaining        amount `json:"remaining"`
		UnbilledDollars  amount `json:"unbilledDollars"`
		Unbilled         amount `json:"unbilled"`
		Partial          flag   `json:"partial"`
		Replayed         flag   `json:"replayed"`
		Transaction      text   `json:"transaction"`
		TransactionHash  text   `json:"transactionHash"`
		TransactionID    text   `json:"transactionId"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	settled := &Settlement{
		ChargedCredits: creditsOf(wire.ChargedDollars, wire.Charged), UnbilledCredits: creditsOf(wire.UnbilledDollars, wire.Unbilled),
		Partial: bool(wire.Partial), Replayed: bool(wire.Replayed) || got.replayed,
		TransactionID: first(wire.TransactionID, wire.Transaction, wire.TransactionHash),
	}
	if asked.lockID != "" {
		if wire.LockID != "" && !strings.EqualFold(string(wire.LockID), asked.lockID) {
			return nil, unusable(o, "the answer describes another lock")
		}
		settled.RemainingCredits = creditsOf(wire.RemainingDollars, wire.Remaining)
	}
	if !bool(wire.Success) && settled.ChargedCredits == nil && !asked.silent {
		return nil, unusable(o, "the answer does not say that the charge was made")
	}
	if problem := asked.misfit(settled); problem != "" {
		return settled, mismatch(o, problem)
	}
	return settled, nil
}

// misfit says what a charge that is told has to do with no charge that was asked for, or nothing.
func (c charge) misfit(settled *Settlement) string {
	charged := settled.ChargedCredits
	if charged == nil {
		return ""
	}
	switch {
	case charged.IsNegative():
		return "the platform says that it charged " + charged.String()
	case c.release && !charged.IsZero():
		return "the platform says that it charged " + charged.String() + " for a release"
	case c.asked == nil, sameAmount(*charged, *c.asked), settled.Partial && c.completes(settled):
		return ""
	default:
		return "the platform says that it charged " + charged.String() + " where " + c.asked.String() + " was asked for"
	}
}

// completes reports whether a part that was charged and the part that was not make up what was asked for.
func (c charge) completes(settled *Settlement) bool {
	if settled.UnbilledCredits == nil {
		return settled.ChargedCredits.LessThan(*c.asked)
	}
	return !settled.UnbilledCredits.IsNegative() && sameAmount(settled.ChargedCredits.Add(*settled.UnbilledCredits), *c.asked)
}

// sameAmount compares amounts as finely as the platform divides a credit: it writes some of them from floating point.
func sameAmount(told, asked decimal.Decimal) bool {
	return told.Round(maxDecimals).Equal(asked.Round(maxDecimals))
}

// mismatch is the error for an answer whose amount is not what was asked for.
func mismatch(o *operation, message string) *APIError {
	return &APIError{
		Operation: o.Name, StatusCode: 200, Message: message, kind: ErrOutcomeUnknown, causes: []error{ErrAmountMismatch},
	}
}

// held checks the amount of something that was made to hold a given one.
func held(o *operation, told *decimal.Decimal, asked decimal.Decimal) error {
	switch {
	case told == nil:
		return unusable(o, "the answer does not tell the amount")
	case !sameAmount(*told, asked):
		return mismatch(o, "the platform says that it holds "+told.String()+" where "+asked.String()+" was asked for")
	default:
		return nil
	}
}

// creditsOf prefers an amount in dollars, which are credits, to one in billionths.
func creditsOf(dollars, nano amount) *decimal.Decimal {
	if dollars.known {
		return dollars.pointer()
	}
	if !nano.known {
		return nil
	}
	credits := nano.value.Shift(nanoExponent)
	return &credits
}
