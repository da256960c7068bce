package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// TestAnAnswerIsPrintedOnce, wherever the ends of the program lead.
func TestAnAnswerIsPrintedOnce(t *testing.T) {
	t.Parallel()
	chat := []string{"call", "chat_with_agent", "agent=legal-translator", "message=hello there", "--sandbox", "--sandbox-db", ":memory:"}
	const answer = `You wrote: `
	for name, test := range map[string]struct {
		flags    []string
		out, err bool // whether it is a terminal
		stdout   int  // how often the answer is there
		stderr   int
	}{
		"at a terminal":                {[]string{"--watch"}, true, true, 1, 0},
		"not watched":                  {nil, true, true, 1, 0},
		"text into a pipe":             {[]string{"--watch", "-o", "text"}, false, true, 1, 0},
		"JSON into a file":             {[]string{"--watch"}, false, true, 1, 1},
		"JSON where nobody sits":       {[]string{"--watch"}, false, false, 1, 1},
		"JSON at a terminal":           {[]string{"--watch", "-o", "json"}, true, true, 1, 0},
		"JSON at a terminal, no watch": {[]string{"-o", "json"}, true, true, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			streams := Streams{In: strings.NewReader(""), Environment: lookup(map[string]string{"NO_COLOR": "1"}), OutTerminal: test.out, ErrTerminal: test.err, Width: func() int { return 500 }}
			got := executeWith(t, streams, append(chat, test.flags...)...)
			if got.status != 0 || strings.Count(got.stdout, answer) != test.stdout || strings.Count(got.stderr, answer) != test.stderr {
				t.Errorf("%+v", got)
			}
			if !strings.Contains(got.stdout, "completion_tokens") {
				t.Errorf("no usage: %s", got.stdout)
			}
			if !strings.Contains(strings.Join(test.flags, " "), "text") && !test.out && !json.Valid([]byte(got.stdout)) {
				t.Errorf("no JSON: %s", got.stdout)
			}
		})
	}
}

// TestProgress draws a bar for people at a terminal that can take it back, and for nobody else.
func TestProgress(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		terminal    bool
		environment map[string]string
		want        string
	}{
		"terminal":    {true, nil, "\r\x1b[K[██████░░░░░░]  50 % half\r\x1b[K"},
		"narrow":      {true, map[string]string{"COLUMNS": "12"}, "\r\x1b[K[█░░]  50…\r\x1b[K"},
		"no color":    {true, map[string]string{"NO_COLOR": "1"}, "\r\x1b[K[██████░░░░░░]  50 % half\r\x1b[K"},
		"dumb":        {true, map[string]string{"TERM": "dumb"}, ""},
		"no terminal": {false, nil, ""},
	} {
		var errs bytes.Buffer
		streams := Streams{Err: &errs, ErrTerminal: test.terminal, Environment: lookup(test.environment), Width: func() int { return 39 }}
		_, shown := watch(t.Context(), streams, nil)
		shown.report(tools.Progress{Done: 1, Total: 2, Message: "half"})
		shown.end()
		if errs.String() != test.want {
			t.Errorf("%s: %q, want %q", name, errs.String(), test.want)
		}
	}
}

// TestUploadDrawsABar at a terminal alone.
func TestUploadDrawsABar(t *testing.T) {
	t.Parallel()
	upload := []string{"call", "upload_content", "filename=big.txt", "text=" + strings.Repeat("x", 1<<20), "--sandbox", "--sandbox-db", ":memory:"}
	for _, terminal := range []bool{true, false} {
		got := executeWith(t, Streams{In: strings.NewReader(""), Environment: lookup(nil), ErrTerminal: terminal}, upload...)
		if got.status != 0 || strings.Contains(got.stderr, "█") != terminal || (got.stderr == "") == terminal {
			t.Errorf("terminal %t: %+v", terminal, got.stderr)
		}
	}
}
