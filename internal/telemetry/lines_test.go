package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode"
)

// unruly is what a platform or a client may send that a log must not pass on.
var unruly = []string{
	"line\nlevel=ERROR msg=forged", "line\r\ntime=2026-01-01T00:00:00Z level=ERROR", "\r\r\n\n", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07",
	"\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "\x9b31m", "\u009b31m", "\u0085next", "\u2028separator\u2029", "\x00nul", "\x7fdel",
	"\x08\x08\x08over", "\u202eevil\u2066", "\u200bzero\u200d", "\U000e0041tag", "\xff\xfe not UTF-8", `quote " and \ and ` + "`", `"}` + "\n" + `{"msg":"forged"}`,
	strings.Repeat("\n", 1000), "\v\f", "é ü 日本語 👍",
}

// TestARecordIsALine whatever is in it, and drives no terminal.
func TestARecordIsALine(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var output bytes.Buffer
		logger, _, err := OpenLog(LogOptions{Level: "debug", Format: format, Stderr: &output})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range unruly {
			logger.With("with", text).WithGroup("group").Info(text, "string", text, "error", errors.New(text), "bytes", []byte(text), "list", []string{text},
				"values", slog.GroupValue(slog.String("inner", text)), "stringer", stringer(text))
		}
		lines := strings.Split(strings.TrimSuffix(output.String(), "\n"), "\n")
		if len(lines) != len(unruly) {
			t.Errorf("%s: %d lines of %d records", format, len(lines), len(unruly))
		}
		for i, line := range lines {
			if at := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); at >= 0 {
				t.Errorf("%s: %q is in the line of %q", format, line[at:min(len(line), at+4)], unruly[i])
			}
			if format == "json" && !json.Valid([]byte(line)) || format == "text" && !strings.HasPrefix(line, "time=") {
				t.Errorf("%s: no record: %s", format, line)
			}
		}
		if !strings.Contains(output.String(), "日本語 👍") {
			t.Errorf("%s: what people can read is gone: %s", format, lines[len(lines)-1])
		}
	}
}

type stringer string

func (s stringer) String() string { return fmt.Sprint("<", string(s), ">") }
