package tools_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/schema"
	"github.com/robutlerai/robutler-mcp/tools"
)

// isAmount says by hand what an amount is: up to nine digits, and up to nine more behind a point, not all of them 0.
func isAmount(text string) bool {
	whole, part, pointed := strings.Cut(text, ".")
	digits := func(s string) bool {
		for i := range len(s) {
			if s[i] < '0' || s[i] > '9' {
				return false
			}
		}
		return len(s) >= 1 && len(s) <= 9
	}
	return digits(whole) && (!pointed || digits(part)) && strings.ContainsAny(text, "123456789")
}

// randomAmount gives an amount, often with something wrong about it.
func randomAmount(random *rand.Rand) string {
	const alphabet = "00112233445566778899..  -+eE,_xX\t\u00a0\u0663\uff11NaI$"
	characters := []rune(alphabet)
	var text strings.Builder
	for range 1 + random.IntN(20) {
		if random.IntN(6) == 0 {
			text.WriteRune(characters[random.IntN(len(characters))])
		} else {
			text.WriteByte(byte('0' + random.IntN(10)))
		}
		if random.IntN(8) == 0 {
			text.WriteByte('.')
		}
	}
	return text.String()
}

// TestAmountsAreExact holds what calls take as an amount to a second opinion, and the value to the text.
func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	input, err := schema.For[tools.LockPaymentInput]()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 17))
	taken := 0
	for range amountCases {
		text := randomAmount(random)
		encoded, err := json.Marshal(map[string]string{"token": "t", "amount_usd": text})
		if err != nil {
			t.Fatal(err)
		}
		bound, err := schema.Bind[tools.LockPaymentInput](input, encoded)
		if (err == nil) != isAmount(text) {
			t.Fatalf("%q: taken %v", text, err == nil)
		}
		if err != nil {
			continue
		}
		taken++
		if want := decimal.RequireFromString(text); !bound.AmountUSD.Equal(want) || bound.AmountUSD.Exponent() < -9 {
			t.Fatalf("%q became %s", text, bound.AmountUSD)
		}
	}
	if taken < amountCases/20 {
		t.Errorf("only %d of %d cases are amounts", taken, amountCases)
	}
}
