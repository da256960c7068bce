package tools

import (
	"bytes"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/samples"
)

// BenchmarkSanitize takes invisible characters out of results: of ASCII alone, of text in other scripts, and of one that is
// full of them.
func BenchmarkSanitize(b *testing.B) {
	large := samples.Large()
	for name, encoded := range map[string][]byte{
		"ascii":   bytes.ReplaceAll(bytes.ReplaceAll(large, []byte("é"), []byte("e")), []byte(`\u`), []byte("u")),
		"scripts": large,
		"hidden":  bytes.ReplaceAll(large, []byte(" "), []byte("\u200b \U000E0041")),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(encoded)))
			b.ReportAllocs()
			for b.Loop() {
				if len(stripInvisible(encoded)) == 0 {
					b.Fatal("nothing is left")
				}
			}
		})
	}
}
