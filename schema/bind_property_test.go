package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/schema"
)

func compiled(t testing.TB, raw json.RawMessage) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	validator, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return validator
}

// TestBindAgreesWithAValidator draws calls and asks another implementation of JSON Schema: what it takes, Bind takes,
// and what Bind takes, is valid once it is coerced.
func TestBindAgreesWithAValidator(t *testing.T) {
	t.Parallel()
	s := must[arguments](t)
	validator := compiled(t, s.JSON())
	scalars := rapid.OneOf(
		rapid.Just[any](nil), rapid.Just[any](true), rapid.Map(rapid.IntRange(-5, 200), func(i int) any { return i }),
		rapid.Map(rapid.Float64Range(-3, 3), func(f float64) any { return f }),
		rapid.Map(rapid.SampledFrom([]string{"", "a", "both", "A", "public", "PRIVATE", "5", "true", "toolong", "[1]"}), func(s string) any { return s }),
	)
	values := rapid.OneOf(scalars, rapid.Map(rapid.SliceOfN(scalars, 0, 4), func(s []any) any { return s }),
		rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"x", "y", "z"}), scalars, 0, 3), func(m map[string]any) any { return m }))
	names := rapid.SampledFrom([]string{"name", "visibility", "tags", "public", "place", "limit", "cursor", "other"})
	rapid.Check(t, func(t *rapid.T) {
		call := rapid.MapOfN(names, values, 0, 6).Draw(t, "call")
		encoded, err := json.Marshal(call)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
		if err != nil {
			t.Fatal(err)
		}
		got, bindErr := schema.Bind[arguments](s, encoded)
		if validator.Validate(document) == nil && bindErr != nil && !strings.Contains(bindErr.Error(), "for both") {
			t.Fatalf("%s is valid, but: %v", encoded, bindErr)
		}
		if bindErr != nil {
			return
		}
		back, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		coerced, err := jsonschema.UnmarshalJSON(bytes.NewReader(back))
		if err != nil {
			t.Fatal(err)
		}
		if err := validator.Validate(coerced); err != nil {
			t.Fatalf("%s became %s, which is invalid: %v", encoded, back, err)
		}
	})
}

func FuzzBind(f *testing.F) {
	s := must[arguments](f)
	for _, seed := range []string{`{}`, `{"name":"a"}`, `{"name":"a","limit":"5"}`, `[]`, `"{}"`, `{"place":{"x":1e9}}`, `{"tags":[[[]]]}`, "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := schema.Bind[arguments](s, data)
		if err == nil {
			return
		}
		var faults *schema.ArgumentError
		if !errors.As(err, &faults) || len(faults.Faults) == 0 {
			t.Fatalf("error = %v", err)
		}
		message := err.Error()
		if !utf8.ValidString(message) || len(message) > 1600 {
			t.Errorf("message of %d bytes: %q", len(message), message)
		}
		for _, word := range []string{"json: ", "strconv", "schema_test", "interface {}", "<nil>"} {
			if strings.Contains(message, word) && !bytes.Contains(data, []byte(word)) {
				t.Errorf("message says %q: %s", word, message)
			}
		}
	})
}

func FuzzNearest(f *testing.F) {
	f.Add("tag", "tags")
	f.Fuzz(func(t *testing.T, name, candidate string) {
		if got, ok := schema.Nearest(name, []string{candidate}); ok && got != candidate {
			t.Errorf("Nearest(%q, %q) = %q", name, candidate, got)
		}
	})
}
