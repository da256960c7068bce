package tools

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// paymentTools are the tools of the toolset payments.
type paymentTools struct{ platform Platform }

// VerifyTokenInput holds the arguments of verify_payment_token.
type VerifyTokenInput struct {
	Token    string   `json:"token" jsonschema:"minLength=1,maxLength=8192" jsonschema_description:"Payment token or its id."`
	Audience []string `json:"audience,omitempty" jsonschema:"maxItems=20,minLength=1,maxLength=128" jsonschema_description:"Agent ids that it should be for."`
}

// VerdictOutput is the result of the tools that check a payment.
type VerdictOutput struct {
	Valid bool `json:"valid"`
	// BalanceCredits is nil where the platform does not tell it, as of a token that is not valid.
	BalanceCredits *decimal.Decimal `json:"balance_credits,omitempty"`
	ExpiresAt      *time.Time       `json:"expires_at,omitempty"`
	Issuer         string           `json:"issuer,omitempty"`
	Reason         string           `json:"reason,omitempty"`
}

func verdict(status *client.TokenStatus) VerdictOutput {
	out := VerdictOutput{
		Valid: status.Valid, ExpiresAt: status.ExpiresAt,
		Issuer: shorten(status.Issuer, maxNameText), Reason: shorten(plainWords(status.Reason), maxRowText),
	}
	if status.Valid || !status.BalanceCredits.IsZero() {
		out.BalanceCredits = &status.BalanceCredits
	}
	return out
}

func (t paymentTools) verifyPaymentToken() Tool {
	return Define(Spec{
		Name: "verify_payment_token", Title: "Verify a payment token", Toolset: ToolsetPayments, Class: client.Read,
		Description: "Checks whether a payment token is valid, genuine and usable, when it expires and how much it still holds. " +
			"Charges nothing.",
		Example: `{"token":"e687a3cb-07e6-5515-921a-7a341ea8858e"}`,
	}, func(ctx context.Context, in VerifyTokenInput) (VerdictOutput, error) {
		tokens := t.platform.Client.Tokens
		if len(in.Audience) > 0 {
			status, err := tokens.Verify(ctx, in.Token, in.Audience...)
			if err != nil {
				return VerdictOutput{}, err
			}
			return verdict(status), nil
		}
		status, err := tokens.Validate(ctx, in.Token)
		if err != nil {
			return VerdictOutput{}, err
		}
		return verdict(status), nil
	})
}

// LockOutput is the result of the tools that hold a part of a token.
type LockOutput struct {
	LockID string `json:"lock_id"`
	// HeldCredits is nil where the platform does not tell it.
	HeldCredits *decimal.Decimal `json:"held_credits,omitempty"`
	// Warning says what is wrong with the amount.
	Warning string `json:"warning,omitempty"`
}

// LockPaymentInput holds the arguments of lock_payment.
type LockPaymentInput struct {
	Token     string          `json:"token" jsonschema:"minLength=1,maxLength=8192" jsonschema_description:"Payment token or its id."`
	AmountUSD decimal.Decimal `json:"amount_usd" jsonschema:"maxLength=20,pattern=^[0-9]{1\\,9}(\\.[0-9]{1\\,9})?$" jsonschema_description:"US dollars (= credits), e.g. 0.05."`
	MoneyConsent
}

func (t paymentTools) lockPayment() Tool {
	return defineMutation(t.platform, Spec{
		Name: "lock_payment", Title: "Lock a payment", Toolset: ToolsetPayments, Class: client.Money,
		Description: "Locks an amount of a payment token: reserves, sets aside or puts a hold on it before a job or task begins. " +
			"Charge it later with settle_payment.",
		Example: `{"token":"e687a3cb-07e6-5515-921a-7a341ea8858e","amount_usd":"0.25"}`,
	}, t.previewLock, func(ctx context.Context, in LockPaymentInput) (LockOutput, error) {
		return lockOutput(t.platform.Client.Tokens.Lock(ctx, in.Token, in.AmountUSD))
	})
}

// ExtendLockInput holds the arguments of extend_payment_lock.
type ExtendLockInput struct {
	LockID    string          `json:"lock_id" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"From lock_payment."`
	AmountUSD decimal.Decimal `json:"amount_usd" jsonschema:"maxLength=20,pattern=^[0-9]{1\\,9}(\\.[0-9]{1\\,9})?$" jsonschema_description:"US dollars to add, e.g. 0.05."`
	MoneyConsent
}

func (t paymentTools) extendPaymentLock() Tool {
	return defineMutation(t.platform, Spec{
		Name: "extend_payment_lock", Title: "Extend a payment lock", Toolset: ToolsetPayments, Class: client.Money,
		Description: "Raises a lock: increases, enlarges or adds to an existing hold or reservation that will not suffice. " +
			"When the job needs more than was reserved.",
		Example: `{"lock_id":"2206577c-717f-54ce-b5ec-984eb3c06cd5","amount_usd":"0.1"}`,
	}, previewExtend, func(ctx context.Context, in ExtendLockInput) (LockOutput, error) {
		return lockOutput(t.platform.Client.Tokens.ExtendLock(ctx, in.LockID, in.AmountUSD))
	})
}

// SettlePaymentInput holds the arguments of settle_payment.
type SettlePaymentInput struct {
	LockID      string           `json:"lock_id,omitempty" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"From lock_payment."`
	Token       string           `json:"token,omitempty" jsonschema:"minLength=1,maxLength=8192" jsonschema_description:"Charges this token without a lock."`
	AmountUSD   *decimal.Decimal `json:"amount_usd,omitempty" jsonschema:"maxLength=20,pattern=^[0-9]{1\\,9}(\\.[0-9]{1\\,9})?$" jsonschema_description:"US dollars to charge, e.g. 0.05."`
	Release     bool             `json:"release,omitempty" jsonschema:"default=false" jsonschema_description:"Charges nothing and gives the lock back."`
	ChargeType  string           `json:"charge_type,omitempty" jsonschema:"enum=platform_fee,enum=platform_llm,enum=agent_fee,enum=byok_llm,enum=byok_mcp_sampling" jsonschema_description:"What the charge is for."`
	Description string           `json:"description,omitempty" jsonschema:"maxLength=500" jsonschema_description:"Text of the receipt."`
	MoneyConsent
}

// Check finds the faults that span arguments.
func (in SettlePaymentInput) Check() []schema.Fault {
	var faults []schema.Fault
	if (in.LockID == "") == (in.Token == "") {
		faults = append(faults, schema.Fault{
			Problem: "exactly one of lock_id and token must say what is charged", ValidValues: []string{"lock_id", "token"},
		})
	}
	choice := []string{"amount_usd", "release"}
	switch {
	case in.AmountUSD == nil && !in.Release:
		faults = append(faults, schema.Fault{Problem: "one of amount_usd and release must say what to do", ValidValues: choice})
	case in.AmountUSD != nil && in.Release:
		faults = append(faults, schema.Fault{Problem: "only one of amount_usd and release may be given", ValidValues: choice})
	case in.AmountUSD != nil:
		faults = append(faults, positive(*in.AmountUSD)...)
	case in.Token != "":
		faults = append(faults, schema.Fault{Field: "release", Problem: "is for a lock: give lock_id, not token"})
	}
	return faults
}

// SettlementOutput is the result of the tools that charge a payment.
type SettlementOutput struct {
	ChargedCredits *decimal.Decimal `json:"charged_credits,omitempty"`
	// LockRemainingCredits is what the lock that was charged still holds.
	LockRemainingCredits *decimal.Decimal `json:"lock_remaining_credits,omitempty"`
	Partial              bool             `json:"partial,omitempty"`
	UnbilledCredits      *decimal.Decimal `json:"unbilled_credits,omitempty"`
	Replayed             bool             `json:"replayed"`
	TransactionID        string           `json:"transaction_id,omitempty"`
}

func settlementOutput(settled *client.Settlement, err error) (SettlementOutput, error) {
	if err != nil {
		if settled != nil {
			err = alarm(err, settled.ChargedCredits)
		}
		return SettlementOutput{}, err
	}
	return SettlementOutput{
		ChargedCredits: settled.ChargedCredits, Partial: settled.Partial,
		UnbilledCredits: settled.UnbilledCredits, Replayed: settled.Replayed, TransactionID: shorten(settled.TransactionID, maxNameText),
	}, nil
}

func (t paymentTools) settlePayment() Tool {
	return defineMutation(t.platform, Spec{
		Name: "settle_payment", Title: "Settle a payment", Toolset: ToolsetPayments, Class: client.Money,
		Description: "Settles a lock after the job is done: finalizes, captures, charges or bills a hold or what is reserved, whole or part. " +
			"Or cancels, frees and releases it without charging.",
		Example: `{"lock_id":"2206577c-717f-54ce-b5ec-984eb3c06cd5","amount_usd":"0.2","idempotency_key":"order-17-draft"}`,
	}, previewSettle, func(ctx context.Context, in SettlePaymentInput) (SettlementOutput, error) {
		settled, err := t.platform.Client.Tokens.Settle(ctx, client.SettleParams{
			LockID: in.LockID, Token: in.Token, AmountCredits: in.AmountUSD, Release: in.Release,
			ChargeType: client.ChargeType(in.ChargeType), Description: in.Description, IdempotencyKey: in.IdempotencyKey,
		})
		out, err := settlementOutput(settled, keyConflict(in.IdempotencyKey, err))
		if err == nil && in.LockID != "" {
			out.LockRemainingCredits = settled.RemainingCredits
		}
		return out, err
	})
}

// RedeemTokenInput holds the arguments of redeem_payment_token.
type RedeemTokenInput struct {
	Token     string          `json:"token" jsonschema:"minLength=1,maxLength=8192" jsonschema_description:"Payment token or its id."`
	AmountUSD decimal.Decimal `json:"amount_usd" jsonschema:"maxLength=20,pattern=^[0-9]{1\\,9}(\\.[0-9]{1\\,9})?$" jsonschema_description:"US dollars to take, e.g. 0.05."`
	MoneyConsent
}

// RedemptionOutput is the result of redeem_payment_token.
type RedemptionOutput struct {
	RedeemedCredits decimal.Decimal `json:"redeemed_credits"`
	Replayed        bool            `json:"replayed"`
}

// keyConflict tells a model that a key is taken by another charge, which may be the one that is wanted: that this call was
// refused does not say that nothing was charged, and a fresh key would charge twice.
func keyConflict(key string, err error) error {
	if key == "" || !errors.Is(err, client.ErrConflict) {
		return err
	}
	told := *Explain(err)
	told.Code, told.Message = CodeOutcomeUnknown, "outcome unknown: "+told.Message
	told.NextStep = "A charge with other values may have been made under this idempotency_key. Do not charge again before list_transactions shows that it is wanted."
	return &told
}

func (t paymentTools) redeemPaymentToken() Tool {
	return defineMutation(t.platform, Spec{
		Name: "redeem_payment_token", Title: "Redeem a payment token", Toolset: ToolsetPayments, Class: client.Money,
		Description: "Redeems a payment token at once: immediately charges, deducts, collects or cashes in an amount. " +
			"No reservation or hold needed.",
		Example: `{"token":"e687a3cb-07e6-5515-921a-7a341ea8858e","amount_usd":"0.3","idempotency_key":"order-17-tip"}`,
	}, t.previewRedeem, func(ctx context.Context, in RedeemTokenInput) (RedemptionOutput, error) {
		redeemed, err := t.platform.Client.Tokens.Redeem(ctx, client.RedeemParams{
			Token: in.Token, AmountCredits: in.AmountUSD, IdempotencyKey: in.IdempotencyKey,
		})
		if err != nil {
			if redeemed != nil {
				err = alarm(err, &redeemed.AmountCredits)
			}
			return RedemptionOutput{}, keyConflict(in.IdempotencyKey, err)
		}
		return RedemptionOutput{RedeemedCredits: redeemed.AmountCredits, Replayed: redeemed.Replayed}, nil
	})
}

// DelegateTokenInput holds the arguments of delegate_payment_token.
type DelegateTokenInput struct {
	Token     string          `json:"token" jsonschema:"minLength=1,maxLength=8192" jsonschema_description:"Payment token to take from."`
	Recipient string          `json:"recipient" jsonschema:"minLength=1,maxLength=128" jsonschema_description:"Id or name of the agent that may spend it."`
	AmountUSD decimal.Decimal `json:"amount_usd" jsonschema:"maxLength=20,pattern=^[0-9]{1\\,9}(\\.[0-9]{1\\,9})?$" jsonschema_description:"US dollars to hand on, e.g. 0.05."`
	MoneyConsent
}

func (DelegateTokenInput) reference() string { return "recipient" }

// TokenOutput is the result of the tools that make a payment token.
type TokenOutput struct {
	TokenID string `json:"token_id,omitempty"`
	// RecipientID and RecipientName say who may spend it.
	RecipientID   string `json:"recipient_id,omitempty"`
	RecipientName string `json:"recipient_name,omitempty"`
	// Token is the token itself.
	Token string `json:"token,omitempty"`
	// AmountCredits is nil where the platform does not tell it.
	AmountCredits *decimal.Decimal `json:"amount_credits,omitempty"`
	ExpiresAt     *time.Time       `json:"expires_at,omitempty"`
	Notice        string           `json:"notice"`
	// Warning says what is wrong with the amount.
	Warning string `json:"warning,omitempty"`
}

func (out TokenOutput) withoutSecrets() any {
	out.Token, out.TokenID, out.Notice = "", "", keptNotice // its id is as good as the token
	out.Warning = strings.TrimSuffix(out.Warning, " "+tokenWarning)
	return out
}

// tokenNotice goes with every payment token that a result shows.
const tokenNotice = "The token is worth its amount to whoever holds it and is shown only here: pass it on to its recipient alone." //nolint:gosec // holds none

func (t paymentTools) delegatePaymentToken() Tool {
	return defineMutation(t.platform, Spec{
		Name: "delegate_payment_token", Title: "Delegate a payment token", Toolset: ToolsetPayments, Class: client.Money,
		FindWith:    []string{"list_agents", "search_agents"},
		ShowsSecret: true,
		Description: "Delegates a part of a payment token: gives, passes on or carves off a portion as another agent's budget to spend. " +
			"For a sub-agent or helper; made into a token of its own.",
		Example: `{"token":"e687a3cb-07e6-5515-921a-7a341ea8858e","recipient":"legal-translator","amount_usd":"0.5"}`,
	}, t.previewDelegate, func(ctx context.Context, in DelegateTokenInput) (TokenOutput, error) {
		recipient, err := t.platform.agreedAgent(ctx, in.Recipient)
		if err != nil {
			return TokenOutput{}, err
		}
		delegated, err := t.platform.Client.Tokens.Delegate(ctx, client.DelegateParams{
			ParentToken: in.Token, DelegateTo: recipient.ID, AmountCredits: in.AmountUSD,
		})
		if delegated == nil {
			return TokenOutput{}, err
		}
		row := agentRow(recipient)
		return TokenOutput{
			RecipientID: row.ID, RecipientName: row.Name, TokenID: delegated.ID, Token: delegated.Token,
			AmountCredits: amountTold(delegated.AmountCredits, err), Notice: tokenNotice, Warning: warningOf(err, tokenWarning),
		}, nil
	})
}
