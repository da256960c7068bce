package tools

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
)

// PendingCall is a call that is not decided: it waits for somebody to agree, it is running, or nobody knows its outcome.
type PendingCall struct {
	ID            string          `json:"id"`
	Tool          string          `json:"tool"`
	State         string          `json:"state"`
	AmountCredits decimal.Decimal `json:"amount_credits"`
	Would         string          `json:"would,omitempty"`
	CreatedAt     time.Time       `json:"created_at"`
	EndsAt        time.Time       `json:"ends_at"`
	RequestID     string          `json:"request_id,omitempty"`
	Detail        string          `json:"detail,omitempty"`
}

// Journal knows the calls that a [Gate] was given.
type Journal interface {
	PendingCalls(ctx context.Context) ([]PendingCall, error)
	// CheckLimits gives the error that a limit would answer a call of this preview with now, or nil.
	CheckLimits(ctx context.Context, call GatedCall, shown Preview) error
}

// PendingPaymentsOutput is the result of list_pending_payments.
type PendingPaymentsOutput struct {
	Calls []PendingCall `json:"calls"`
	moreRows
}

func (t paymentTools) listPendingPayments() Tool {
	return Define(Spec{
		Name: "list_pending_payments", Title: "List pending payments", Toolset: ToolsetPayments, Class: client.Read,
		Description: "Lists calls of this server that are undecided: waiting for consent, still running, or of unknown outcome. " +
			"See it before repeating a payment that failed halfway.",
		Example: `{}`,
	}, func(ctx context.Context, in Paging) (PendingPaymentsOutput, error) {
		var calls []PendingCall
		if t.platform.Journal != nil {
			var err error
			if calls, err = t.platform.Journal.PendingCalls(ctx); err != nil {
				return PendingPaymentsOutput{}, err
			}
		}
		rows, more, err := wholeListPage("pending_payments", in, calls, func(call *PendingCall) PendingCall {
			call.Would, call.Detail = shorten(call.Would, maxRowText), shorten(call.Detail, maxRowText)
			return *call
		})
		return PendingPaymentsOutput{Calls: rows, moreRows: more}, err
	})
}
