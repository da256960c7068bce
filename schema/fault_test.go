package schema_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/schema"
)

// TestFaultsForPrograms shows what a caller reads beside the message.
func TestFaultsForPrograms(t *testing.T) {
	t.Parallel()
	_, err := schema.Bind[everything](must[everything](t), []byte(`{"id":"a","kinds":["c"],"deep":{"unit":{"txt":1}},"zz":null}`))
	var got []string
	for _, fault := range faultsOf(err) {
		got = append(got, strings.Join(append([]string{fault.Field, fault.Problem, fault.Suggestion}, fault.ValidValues...), "|"))
	}
	names := "id|mode|intents|tags|kinds|grid|amount_usd|since|ratio|count|labels|free|raw|deep"
	want := []string{
		`mode|is required: a text (one of fast, deep)||fast|deep`,
		`kinds[0]|must be one of a, b, got "c"|a|a|b`,
		`deep.on|is required: true or false|`,
		`deep.unit.text|is required: a text|`,
		`|unknown argument "deep.unit.txt"; the arguments are text, price|text|text|price`,
		`|unknown argument "zz"; the arguments are ` + strings.ReplaceAll(names, "|", ", ") + `||` + names,
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestExcerptsCannotDeceive shows values without what is not seen, and cut at a character.
func TestExcerptsCannotDeceive(t *testing.T) {
	t.Parallel()
	got := refusal[everything](t, `{"id":"a","mode":"fa\u202est\u0000\u001b[31m`+strings.Repeat(`\u00e9`, 50)+`","\u200bx`+strings.Repeat("y", 60)+`":1}`)
	for _, part := range []string{`got "fast[31m` + strings.Repeat("\u00e9", 32) + `..."`, `unknown argument "x` + strings.Repeat("y", 39) + `..."`} {
		if !strings.Contains(got, part) {
			t.Errorf("message lacks %s: %s", part, got)
		}
	}
	long := &schema.ArgumentError{Faults: []schema.Fault{{Problem: strings.Repeat("\u20ac", 1000)}, {Problem: strings.Repeat("x", 1000)}}}
	if text := long.Error(); !utf8.ValidString(text) || len(text) > 1600 || !strings.HasSuffix(text, "...; and 1 more") {
		t.Errorf("message of %d bytes ends with %q", len(text), text[len(text)-30:])
	}
}

// TestANegativeAmountIsCalledThat: what it is an amount of says nothing about the sign.
func TestANegativeAmountIsCalledThat(t *testing.T) {
	t.Parallel()
	type priced struct {
		Amount *decimal.Decimal `json:"amount,omitempty" jsonschema:"pattern=^[0-9]{1\\,9}(\\.[0-9]{1\\,9})?$" jsonschema_description:"US dollars."`
		Name   string           `json:"name,omitempty" jsonschema:"pattern=^[a-z]+$" jsonschema_description:"Of a-z."`
	}
	for given, want := range map[string]string{
		`{"amount":"-1"}`: `"amount" must not be negative: US dollars, got "-1"`, `{"amount":-0.5}`: `"amount" must not be negative: US dollars, got "-0.5"`,
		`{"amount":"-x"}`: `"amount" does not fit: US dollars, got "-x"`, `{"amount":"+1"}`: `"amount" does not fit: US dollars, got "+1"`,
		`{"name":"-a"}`: `"name" does not fit: of a-z, got "-a"`,
	} {
		if got := refusal[priced](t, given); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}
