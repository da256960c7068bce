package client_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
)

// paymentToken is a token that the embedded platform's user has been given: its id is enough to use it.
const paymentToken = "e687a3cb-07e6-5515-921a-7a341ea8858e"

// Being paid for work: hold the price ahead of it, charge what it came to, give the rest back.
func ExampleTokensService() {
	example(func(ctx context.Context, c *client.Client) error {
		lock, err := c.Tokens.Lock(ctx, paymentToken, decimal.RequireFromString("0.50"))
		if err != nil {
			return err
		}
		price := decimal.RequireFromString("0.20")
		charged, err := c.Tokens.Settle(ctx, client.SettleParams{
			LockID: lock.ID, AmountCredits: &price, Description: "translation of 3 pages", IdempotencyKey: "order-17",
		})
		if err != nil {
			return err
		}
		fmt.Println("charged", charged.ChargedCredits, "of", lock.AmountCredits)

		if _, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: lock.ID, Release: true}); err != nil {
			return err
		}
		balance, err := c.Tokens.Balance(ctx, paymentToken)
		fmt.Println("the token holds", balance)
		return err
	})
	// Output:
	// charged 0.2 of 0.5
	// the token holds 4.3
}

// Redeeming under an idempotency key, so that the same call made again charges nothing further.
func ExampleTokensService_Redeem() {
	example(func(ctx context.Context, c *client.Client) error {
		redeem := client.RedeemParams{
			Token: paymentToken, AmountCredits: decimal.RequireFromString("0.30"), IdempotencyKey: "tip-2026-11-24",
		}
		for range 2 {
			redeemed, err := c.Tokens.Redeem(ctx, redeem)
			if errors.Is(err, client.ErrOutcomeUnknown) {
				continue // the same key: it is carried out now, or it was and is told again
			}
			if err != nil {
				return err
			}
			fmt.Println("redeemed", redeemed.AmountCredits, "again:", redeemed.Replayed)
		}
		return nil
	})
	// Output:
	// redeemed 0.3 again: false
	// redeemed 0.3 again: true
}

// Handing a part of a token on to an agent that does a part of the work.
func ExampleTokensService_Delegate() {
	example(func(ctx context.Context, c *client.Client) error {
		token, err := c.Tokens.Delegate(ctx, client.DelegateParams{
			ParentToken: paymentToken, DelegateTo: "legal-translator", AmountCredits: decimal.RequireFromString("0.5"),
		})
		if err != nil {
			return err
		}
		status, err := c.Tokens.Verify(ctx, token.Token)
		if err != nil {
			return err
		}
		fmt.Println(status.Valid, status.BalanceCredits)
		return nil
	})
	// Output:
	// true 0.5
}

// Taking an x402 payment: what a payer sends in the X-PAYMENT header is verified first and settled after the work.
func ExampleFacilitatorService() {
	example(func(ctx context.Context, c *client.Client) error {
		header, err := client.NewTokenPayment(paymentToken, decimal.RequireFromString("0.2")).Header()
		if err != nil {
			return err
		}
		price := client.PaymentRequirements{
			Scheme: client.SchemeToken, Network: client.NetworkRobutler, MaxAmountRequired: "0.2", PayTo: "recipe-muse",
		}
		verdict, err := c.Facilitator.Verify(ctx, header, price)
		if err != nil {
			return err
		}
		if !verdict.Valid {
			return fmt.Errorf("the payment is not good: %s", verdict.Reason)
		}
		settled, err := c.Facilitator.Settle(ctx, header, price)
		if err != nil {
			return err
		}
		fmt.Println("settled", settled.ChargedCredits)
		return nil
	})
	// Output:
	// settled 0.2
}

// Seeing what other money is worth in credits.
func ExampleFacilitatorService_ExchangeRates() {
	example(func(ctx context.Context, c *client.Client) error {
		rates, err := c.Facilitator.ExchangeRates(ctx)
		if err != nil {
			return err
		}
		for _, rate := range rates {
			fmt.Println(rate.Input, "rate", rate.Rate, "fee", rate.Fee)
		}
		return nil
	})
	// Output:
	// exact:base-mainnet:USDC rate 1 fee 0.02
	// exact:polygon:USDC rate 1 fee 0.02
	// exact:solana:USDC rate 1 fee 0.02
}
