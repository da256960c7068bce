package needle_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/internal/needle"
)

// TestIndexIsThatOfTheLibrary compares on texts that nearly hold what is wanted, of few letters and of many.
func TestIndexIsThatOfTheLibrary(t *testing.T) {
	t.Parallel()
	letters := rapid.SampledFrom([]string{"a", "b", "e", "_", "Z", `"`, "\u00e9", "ab", "rok_"})
	texts := rapid.Map(rapid.SliceOfN(letters, 0, 200), func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		wanted := rapid.Map(rapid.SliceOfN(letters, 0, 6), func(parts []string) string { return strings.Join(parts, "") }).Draw(t, "wanted")
		if begin := rapid.IntRange(0, len(text)).Draw(t, "begin"); rapid.Bool().Draw(t, "held") {
			wanted = text[begin:min(len(text), begin+rapid.IntRange(0, 40).Draw(t, "length"))]
		}
		want := strings.Index(text, wanted)
		if got := needle.Index(text, wanted); got != want {
			t.Fatalf("%q is in %q at %d, want %d", wanted, text, got, want)
		}
		if got := needle.In([]byte(text), wanted); got != (want >= 0) {
			t.Fatalf("%q is in %q: %t, want %t", wanted, text, got, want >= 0)
		}
	})
}

// BenchmarkIndex looks for a key in a list of agents, and in what is made to lead it astray.
func BenchmarkIndex(b *testing.B) {
	const key = "rok_0123456789abcdef0123456789abcdef0123"
	list := `{"agents":[` + strings.Repeat(`{"id":"8dab9290-92bd-5d19-bbfb-03165e317179","name":"recipe-muse","about":"Answers questions about orders."},`, 20) + `{}]}`
	for name, text := range map[string]string{"list": list, "astray": strings.Repeat("_", len(list))} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if needle.Index(text, key) >= 0 {
					b.Fatal("found")
				}
			}
		})
		b.Run(name+"-library", func(b *testing.B) {
			for b.Loop() {
				if strings.Contains(text, key) {
					b.Fatal("found")
				}
			}
		})
	}
}
