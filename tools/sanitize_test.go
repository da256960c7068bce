package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/robutlerai/robutler-mcp/client"
)

func TestStripInvisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                              "plain",
		"line\nbreak\tand tab":               "line\nbreak\tand tab",
		"caf\u00e9 \u4e2d\u6587 \U0001F600":  "caf\u00e9 \u4e2d\u6587 \U0001F600",
		"red\x1b[31m":                        "red",
		"bidi\u202eevil\u2066":               "bidievil",
		"zero\u200bwidth\ufeff":              "zerowidth",
		"tag\U000E0041\U000E0042":            "tag",
		"heart\u2764\ufe0f":                  "heart\u2764\ufe0f",
		"selector\ufe01\U000E0101":           "selector",
		"private\ue000":                      "private",
		"separator\u2028\u2029":              "separator",
		"nul\x00del\x7f":                     "nuldel",
		"\"quoted\" \\ and <html> & \\u200b": "\"quoted\" \\ and <html> & \\u200b",
		"back\bfeed\freturn\r\n":             "backfeedreturn\n",
		"filler\u3164\u115f":                 "filler",
	} {
		for _, encode := range []func(any) ([]byte, error){json.Marshal, encodeCompact} {
			encoded, err := encode(map[string]string{"k": text})
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]string
			if err := json.Unmarshal(stripInvisible(encoded), &got); err != nil {
				t.Fatalf("%q: %v in %s", text, err, stripInvisible(encoded))
			}
			if got["k"] != want {
				t.Errorf("%q = %q, want %q", text, got["k"], want)
			}
		}
	}
}

// FuzzStripInvisible checks that nothing invisible comes through and that JSON stays JSON of the same visible text.
func FuzzStripInvisible(f *testing.F) {
	for _, seed := range []string{"a", "\u202e", "\\u0000", `"\"`, "\xff", "\U000E0041", "\b\f\n", "x\u001b[", "x\u001b[31", "x\u001b]0;", "\u001b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		encoded, err := encodeCompact([]string{text, "money"})
		if err != nil {
			t.Fatal(err)
		}
		clean := stripInvisible(encoded)
		var got []string
		if err := json.Unmarshal(clean, &got); err != nil {
			t.Fatalf("%s became %s: %v", encoded, clean, err)
		}
		if len(got) != 2 || got[1] != "money" {
			t.Fatalf("%s became %s", encoded, clean)
		}
		for _, r := range got[0] {
			if r != '\n' && r != '\t' && unicode.IsControl(r) {
				t.Errorf("%U came through in %q", r, got[0])
			}
			if unicode.In(r, unicode.Cf, unicode.Co) {
				t.Errorf("%U came through", r)
			}
		}
		if !utf8.Valid(clean) || bytes.Contains(clean, []byte{0}) {
			t.Errorf("%q", clean)
		}
	})
}

func TestFitPageCutsWithACursor(t *testing.T) {
	t.Parallel()
	rows := make([]string, 100)
	for i := range rows {
		rows[i] = strings.Repeat("x", 1000)
	}
	kept, next := fitPage(rows, nil, client.Cursor{Offset: 5}, func(row string) string { return row[:1] })
	if len(kept) != 44 || next == nil || next.Offset != 49 || next.After != "x" {
		t.Errorf("kept %d, next %+v", len(kept), next)
	}
	one := []string{strings.Repeat("x", 2*maxPageCharacters)}
	if kept, next := fitPage(one, nil, client.Cursor{}, func(string) string { return "" }); len(kept) != 1 || next != nil {
		t.Errorf("kept %d, next %+v", len(kept), next)
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	if got := shorten("\u00e4\u00e4\u00e4", 3); got != "\u00e4\u00e4\u00e4" {
		t.Error(got)
	}
	if got := shorten("\u00e4\u00e4\u00e4\u00e4", 3); got != "\u00e4\u00e4\u00e4... (cut)" {
		t.Error(got)
	}
}

func TestDeclarationsAreChecked(t *testing.T) {
	t.Parallel()
	whole := Spec{Name: "n", Title: "t", Description: "d", Class: client.Read}
	for name, tool := range map[string]Tool{
		"no class": {Spec: Spec{Name: "n", Title: "t", Description: "d"}},
		"no title": {Spec: Spec{Name: "n", Description: "d", Class: client.Read}},
	} {
		if tool.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, tool := range map[string]Tool{
		"bad type": Define(whole, func(_ context.Context, _ []string) (NoInput, error) { return NoInput{}, nil }),
		"bad out":  Define(whole, func(_ context.Context, _ NoInput) ([]string, error) { return nil, nil }),
	} {
		catalog, err := Collect([]Tool{tool}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if catalog.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
