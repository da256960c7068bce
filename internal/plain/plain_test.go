package plain_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/internal/plain"
)

// TestEndsAreThoseOfALookAtEachByte compares on texts of bytes at the bounds, in every place of a word.
func TestEndsAreThoseOfALookAtEachByte(t *testing.T) {
	t.Parallel()
	edge := rapid.SampledFrom([]byte{0, 1, '\n', ' ' - 1, ' ', '!', '"', '#', '[', '\\', ']', '~', 0x7f, 0x80, 0x81, 0xa0, 0xff})
	usual := rapid.SampledFrom([]byte("ae t.{"))
	texts := rapid.SliceOfN(rapid.OneOf(usual, usual, usual, usual, edge), 0, 60)
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		stop := rapid.SampledFrom([]byte{0, '\\', '"', 'a'}).Draw(t, "stop")
		ends := func(of func(byte) bool) int {
			for i := at; i < len(text); i++ {
				if of(text[i]) {
					return i
				}
			}
			return len(text)
		}
		if got, want := plain.StringEnd(text, at), ends(func(b byte) bool { return b < ' ' || b == '"' || b == '\\' }); got != want {
			t.Errorf("StringEnd(%q, %d) = %d, want %d", text, at, got, want)
		}
		want := ends(func(b byte) bool { return b < ' ' || b >= 0x7f || b == stop })
		if got := plain.ASCIIEnd(text, at, stop); got != want {
			t.Errorf("ASCIIEnd(%q, %d, %q) = %d, want %d", text, at, stop, got, want)
		}
		if got := plain.ASCIIEnd(string(text), at, stop); got != want {
			t.Errorf("ASCIIEnd of the string %q, %d, %q = %d, want %d", text, at, stop, got, want)
		}
	})
}

// BenchmarkASCIIEnd goes through two kilobytes.
func BenchmarkASCIIEnd(b *testing.B) {
	text := strings.Repeat("Answers questions about orders. ", 64)
	for b.Loop() {
		if plain.ASCIIEnd(text, 0, '\\') != len(text) {
			b.Fatal("it ends")
		}
	}
}
