package client

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzPlainString holds the texts that are read to those that encoding/json reads.
func FuzzPlainString(f *testing.F) {
	for _, seed := range []string{
		``, `plain`, `\"\\\/\b\f\n\r\t`, `ä\u00e4\u0041\u0000`, `\ud83d\ude00`, `\ud83d`, `\ud83dx`, `\ud83d\n`, `\ud83d\u0041`, `\ude00\ud83d`,
		`\ud83d\ud83d\ude00`, "\xff\xfe", "\xff\\n\xff", "a\xe2\x82", `\u12`, `\u12g4`, `\u+123`, `\x`, `\`, `\ud83d\u`, strings.Repeat(`\n`, 100),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, inner string) {
		quoted := []byte(`"` + inner + `"`)
		got, ok := plainString(quoted)
		var want string
		if json.Unmarshal(quoted, &want) != nil {
			return
		}
		if !ok || got != want {
			t.Errorf("%q is read as %q, %t, not %q", quoted, got, ok, want)
		}
		if literal := string(literal(quoted)); strings.Contains(inner, `\`) && literal != want {
			t.Errorf("%q is taken as %q, not %q", quoted, literal, want)
		}
	})
}

// TestATextIsReadInOneAllocation is what long lists are paid with.
func TestATextIsReadInOneAllocation(t *testing.T) {
	for _, quoted := range []string{`"plain text that is long enough"`, `"with \"escapes\"\nand \u00e4 long enough"`} {
		var kept text
		if n := testing.AllocsPerRun(100, func() { _ = kept.UnmarshalJSON([]byte(quoted)) }); n > 2 { // one is the test's own
			t.Errorf("%s takes %v allocations", quoted, n)
		}
	}
}
