package schema

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/shopspring/decimal"
)

// maxNumberLength and maxExponent bound a number's text and, with it, the work that a hostile exponent can ask for.
const (
	maxNumberLength = 32
	maxExponent     = 400
)

// isNumber reports whether a text is a number of JSON.
func isNumber(text string) bool {
	if text == "" || (text[0] != '-' && (text[0] < '0' || text[0] > '9')) {
		return false
	}
	return json.Valid([]byte(text))
}

// parseNumber reads a number of JSON if a float64 can hold something like it.
func parseNumber(text string) (decimal.Decimal, bool) {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return decimal.NewFromInt(whole), true
	}
	if len(text) > maxNumberLength {
		return decimal.Decimal{}, false
	}
	number, err := decimal.NewFromString(text)
	if err != nil || number.Exponent() > maxExponent || number.Exponent() < -maxExponent {
		return decimal.Decimal{}, false
	}
	float, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(float, 0) || (float == 0 && !number.IsZero()) {
		return decimal.Decimal{}, false
	}
	return number, true
}

// isWhole reports whether a number is an integer of 64 bits.
func isWhole(number decimal.Decimal) bool {
	return number.IsInteger() && number.BigInt().IsInt64()
}
