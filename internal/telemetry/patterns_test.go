package telemetry

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// places gives where a pattern is the slow way.
func places(pattern, text string) (spans [][]int) {
	for i := range text {
		if !strings.HasPrefix(text[i:], pattern) {
			continue
		}
		if last := len(spans) - 1; last >= 0 && i <= spans[last][1] {
			spans[last][1] = i + len(pattern)
			continue
		}
		spans = append(spans, []int{i, i + len(pattern)})
	}
	return spans
}

func TestPatternsAreFoundWhereTheyAre(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	word := func(length int) string {
		letters := make([]byte, length)
		for i := range letters {
			letters[i] = "ab"[random.IntN(2)]
		}
		return string(letters)
	}
	found := 0
	for range 2000 {
		pattern, text := word(8+random.IntN(5)), word(random.IntN(40))
		text += pattern[:random.IntN(len(pattern))] + pattern + text + pattern[random.IntN(len(pattern)):] + word(600)
		got, want := newPattern(pattern).find(nil, text), places(pattern, text)
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("%s in %s: %v, not %v", pattern, text, got, want)
		}
		found += len(got)
	}
	if found < 3000 {
		t.Errorf("%d places", found)
	}
}

// TestASearchEnds whatever callers send: with any search that looks at parts of the text again and again these are some
// 10^12 steps, and the test does not end.
func TestASearchEnds(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	const half = maxSecret/2 - 1
	alike, text := strings.Repeat("a", half), strings.Repeat("a", 16<<20)
	ctx := r.WithSecrets(r.WithKey(t.Context(), alike+"b"+alike), alike+"c", "b"+alike, alike+"d"+alike)
	if got := string(r.WithoutCredentials(ctx, []byte(text))); got != text {
		t.Error("something was found")
	}
	if got := r.text(text, secretsOf(ctx)); got != text {
		t.Error("something was found")
	}
	if got := r.text(text, secretsOf(r.WithKey(ctx, alike))); got != redacted {
		t.Errorf("%d bytes are left", len(got))
	}
}
