package client

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"
)

// maxAmountLength bounds the text of an amount, so that a hostile exponent cannot make a number of a billion digits.
const maxAmountLength = 64

var errNotAnAmount = errors.New("not a decimal amount")

// parseAmount reads a decimal as the platform writes it: digits, an optional sign, an optional fraction. A small
// exponent is accepted, since JSON encoders write 1e-9 for a billionth of a credit.
func parseAmount(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxAmountLength {
		return decimal.Decimal{}, errNotAnAmount
	}
	for i := range len(text) {
		if !strings.ContainsRune("0123456789+-.eE", rune(text[i])) {
			return decimal.Decimal{}, errNotAnAmount
		}
	}
	amount, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, errNotAnAmount
	}
	if amount.Exponent() > maxAmountLength || amount.Exponent() < -maxAmountLength {
		return decimal.Decimal{}, errNotAnAmount
	}
	return amount, nil
}
