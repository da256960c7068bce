package sandbox

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// nanoPerCredit is the ledger's unit: a billionth of a credit. One credit is one US dollar.
const nanoPerCredit = 1_000_000_000

const nanoDigits = 9

var errAmount = errors.New("an amount is a decimal such as 12.5, with at most 9 decimals and without an exponent")

// parseCredits reads a decimal exactly, in billionths of a credit. It takes no sign, exponent, space or further digit
// than the ledger can hold.
func parseCredits(text string) (int64, error) {
	whole, fraction, dotted := strings.Cut(text, ".")
	if whole == "" || len(whole) > 10 || len(fraction) > nanoDigits || (dotted && fraction == "") ||
		!digitsOnly(whole) || !digitsOnly(fraction) {
		return 0, errAmount
	}
	units, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || units > math.MaxInt64/nanoPerCredit-1 {
		return 0, errAmount
	}
	nano, err := strconv.ParseInt(fraction+strings.Repeat("0", nanoDigits-len(fraction)), 10, 64)
	if err != nil {
		return 0, errAmount
	}
	return units*nanoPerCredit + nano, nil
}

func digitsOnly(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// formatCredits writes billionths of a credit as the shortest decimal.
func formatCredits(nano int64) string {
	sign := ""
	magnitude := uint64(nano) //nolint:gosec // a negative number is turned on the next lines
	if nano < 0 {
		sign = "-"
		magnitude = -magnitude
	}
	text := sign + strconv.FormatUint(magnitude/nanoPerCredit, 10)
	fraction := strconv.FormatUint(magnitude%nanoPerCredit, 10)
	fraction = strings.TrimRight(strings.Repeat("0", nanoDigits-len(fraction))+fraction, "0")
	if fraction == "" {
		return text
	}
	return text + "." + fraction
}
