package schema_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/schema"
)

type intent struct {
	Text  string `json:"text" jsonschema:"minLength=1,maxLength=5"`
	Price int64  `json:"price,omitempty" jsonschema:"minimum=0,maximum=9,default=1"`
}

// everything has a field of each kind that schemas are made of.
type everything struct {
	ID      string           `json:"id" jsonschema:"minLength=1,maxLength=6,pattern=^[a-z0-9]+$" jsonschema_description:"Lower case letters and digits."`
	Mode    string           `json:"mode" jsonschema:"enum=fast,enum=deep"`
	Intents []intent         `json:"intents,omitempty" jsonschema:"minItems=1,maxItems=2"`
	Tags    []string         `json:"tags,omitempty" jsonschema:"maxItems=2,maxLength=3"`
	Kinds   []string         `json:"kinds,omitempty" jsonschema:"enum=a,enum=b"`
	Grid    [][]int          `json:"grid,omitempty"`
	Amount  *decimal.Decimal `json:"amount_usd,omitempty"`
	Since   *time.Time       `json:"since,omitempty"`
	Ratio   float64          `json:"ratio,omitempty" jsonschema:"minimum=-0.5,maximum=0.5"`
	Count   int              `json:"count,omitempty" jsonschema:"default=3"`
	Labels  map[string]int   `json:"labels,omitempty"`
	Free    map[string]any   `json:"free,omitempty"`
	Raw     json.RawMessage  `json:"raw,omitempty"`
	Deep    *struct {
		On   bool    `json:"on"`
		Unit *intent `json:"unit,omitempty"`
	} `json:"deep,omitempty"`
}

// texts are what models send in the place of anything.
func texts() []string {
	return []string{
		"", "a", "B", "fast", " Deep ", "DEEP", "5", "5.0", "-0", "1e1", "0.5", "-0.25", "5x", "true", "False", "null", "9.80",
		"2026-01-31T12:00:00Z", "2026-01-31", "toolong", "[1]", `["a","b"]`, `[{"text":"a"}]`, `{"text":"a","price":"2"}`,
		`{"on":"true"}`, "[", "{x", "\u00e9\u00e9", "\x00\"\\", "9223372036854775808",
	}
}

// anyValue draws JSON values that are often near to being valid.
func anyValue() *rapid.Generator[any] {
	scalars := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.IntRange(-2, 12), func(i int) any { return i }), rapid.Map(rapid.Int64(), func(i int64) any { return i }),
		rapid.Map(rapid.SampledFrom([]string{"0.5", "5.0", "1e2", "1e400", "1e-400", "-0", "0e9", "99999999999999999999", "2.50"}),
			func(s string) any { return json.Number(s) }),
		rapid.Map(rapid.SampledFrom(texts()), func(s string) any { return s }),
	)
	names := rapid.SampledFrom([]string{"text", "price", "on", "unit", "x"})
	lists := rapid.Map(rapid.SliceOfN(scalars, 0, 3), func(s []any) any { return s })
	maps := rapid.Map(rapid.MapOfN(names, scalars, 0, 3), func(m map[string]any) any { return m })
	nested := rapid.OneOf(scalars, scalars, lists, maps)
	return rapid.OneOf(nested, rapid.Map(rapid.SliceOfN(nested, 0, 3), func(s []any) any { return s }),
		rapid.Map(rapid.MapOfN(names, nested, 0, 3), func(m map[string]any) any { return m }))
}

// TestCoercedCallsFitTheSchema asks another implementation of JSON Schema: what it takes, Bind takes, unchanged but for
// defaults; and what Bind makes of a call, the other takes and the Go type holds.
func TestCoercedCallsFitTheSchema(t *testing.T) {
	t.Parallel()
	s := must[everything](t)
	validator := compiled(t, s.JSON())
	names := rapid.SampledFrom([]string{
		"intents", "tags", "kinds", "grid", "amount_usd", "since", "ratio", "count", "labels", "free", "raw", "deep", "other",
	})
	taken, valid := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		call := rapid.MapOfN(names, anyValue(), 0, 4).Draw(t, "call")
		for name, good := range map[string]any{"id": "a1", "mode": "fast"} {
			if call[name] = good; rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
				call[name] = anyValue().Draw(t, name)
			}
		}
		encoded, err := json.Marshal(call)
		if err != nil {
			t.Fatal(err)
		}
		coerced, bindErr := schema.Bind[json.RawMessage](s, encoded)
		if fits(validator, encoded) {
			valid++
			if bindErr != nil && !onlyOurs(bindErr) {
				t.Fatalf("%s is valid, but: %v", encoded, bindErr)
			}
		}
		if bindErr != nil {
			return
		}
		taken++
		if !fits(validator, coerced) {
			t.Fatalf("%s became %s, which is invalid", encoded, coerced)
		}
		if _, err := schema.Bind[everything](s, encoded); err != nil && !onlyOurs(err) {
			t.Fatalf("%s became %s, which the type does not hold: %v", encoded, coerced, err)
		}
		again, err := schema.Bind[json.RawMessage](s, coerced)
		if err != nil || !bytes.Equal(again, coerced) {
			t.Fatalf("%s became %s, and that %s: %v", encoded, coerced, again, err)
		}
	})
	if taken == 0 || valid == 0 {
		t.Errorf("%d calls were taken and %d valid; the generators miss the mark", taken, valid)
	}
}

func fits(validator *jsonschema.Schema, raw json.RawMessage) bool {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	return err == nil && validator.Validate(document) == nil
}

// onlyOurs reports whether all faults are of what JSON Schema leaves open: formats are notes to it, and its numbers
// have no size.
func onlyOurs(err error) bool {
	for _, fault := range faultsOf(err) {
		if fault.Field != "since" && !bytes.Contains([]byte(fault.Problem), []byte("64 bits")) {
			return false
		}
	}
	return true
}

// TestNumbersInFreeObjectsAreBounded gives what only the Go type of a free object has no room for.
func TestNumbersInFreeObjectsAreBounded(t *testing.T) {
	t.Parallel()
	const want = `1 problem with the arguments: "free" must hold only numbers that fit 64 bits, got 1e400`
	given := json.RawMessage(`{"id":"a1","mode":"fast","free":{"text":[1,1e400]}}`)
	if _, err := schema.Bind[everything](must[everything](t), given); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
