package cli

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, result string
		width        int
		want         string
	}{
		{
			"a list", `{"agents":[{"id":"a1","name":"one","tags":["x","y"],"nested":{"a":1},"public":true},{"id":"b","name":"a name that is longer"}],"complete":true}`, 80,
			"agents (2)\nID  NAME                   TAGS  PUBLIC\na1  one                    x, y  true\nb   a name that is longer\ncomplete            true\n",
		},
		{"no room", `{"l":[{"id":"0123456789","text":"a text that is longer than the room that is left"}]}`, 30, "l (1)\nID          TEXT\n0123456789  a text that is lo…\n"},
		{"less room", `{"l":[{"id":"0123456789","text":"a text that is longer than the room that is left"}]}`, 20, "l (1)\nID\n0123456789\n"},
		{"an object", `{"credits":{"available_credits":"5.5"},"list":[],"words":["a","b"]}`, 80, "credits\n  available_credits  5.5\nlist\nwords               a, b\n"},
		{"a terminal's commands", `{"a":"\u001b[2Jx\u009b1m\r","l":[{"b":"\u001b]0;t\u0007\ny"}]}`, 80, "a                   [2Jx1m\nl (1)\nB\n]0;t y\n"},
		{"lines", `{"a":"one\ntwo"}`, 80, "a                   one\ntwo\n"},
		{"nothing", `{}`, 80, ""},
	}
	for _, test := range tests {
		var page bytes.Buffer
		if err := show(&page, []byte(test.result), test.width); err != nil || page.String() != test.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", test.name, err, page.String(), test.want)
		}
	}
}

// A result may hold anybody's text: none of it moves the cursor, and no table is wider than the terminal.
func FuzzShow(f *testing.F) {
	f.Add(`{"a":[{"b":"c"}]}`, 80)
	f.Add(`{"a":"\u001b[2J","b":[{"c":"\u0007"}],"d":{"e":{"f":[1]}}}`, 5)
	f.Fuzz(func(t *testing.T, result string, width int) {
		var page bytes.Buffer
		if show(&page, []byte(result), width) != nil {
			return
		}
		for _, r := range page.String() {
			if r != '\n' && (r < ' ' || (r >= 0x7f && r < 0xa0)) {
				t.Fatalf("%q shows %q", result, r)
			}
		}
	})
}

func TestCallShowsAPersonText(t *testing.T) {
	t.Parallel()
	arguments := []string{"call", "list_agents", "--sandbox", "--sandbox-db", ":memory:"}
	at := func(terminal bool, more ...string) screen {
		return executeWith(t, Streams{In: strings.NewReader(""), Environment: lookup(nil), OutTerminal: terminal, Width: func() int { return 60 }}, append(arguments, more...)...)
	}
	table := at(true)
	if table.status != 0 || !strings.HasPrefix(table.stdout, "agents (2)\nID ") {
		t.Errorf("%+v", table)
	}
	for line := range strings.Lines(table.stdout) {
		if utf8.RuneCountInString(line) > 61 {
			t.Errorf("too wide: %q", line)
		}
	}
	if got := at(true, "--output", "json"); !strings.HasPrefix(got.stdout, "{\n") {
		t.Errorf("%+v", got)
	}
	if got := at(false); !strings.HasPrefix(got.stdout, "{\n") {
		t.Errorf("%+v", got)
	}
	if got := at(false, "-o", "text"); got.stdout == "" || got.stdout[0] == '{' {
		t.Errorf("%+v", got)
	}
	if got := at(false, "-o", "yaml"); got.status != exitUsage || !strings.Contains(got.stderr, "neither text nor json") {
		t.Errorf("%+v", got)
	}
}

func TestCallWatches(t *testing.T) {
	t.Parallel()
	chat := []string{"call", "chat_with_agent", "agent=legal-translator", "message=hello there", "--yes", "--sandbox", "--sandbox-db", ":memory:"}
	if got := execute(t, nil, append(chat, "--watch")...); got.status != 0 || !strings.Contains(got.stderr, "hello there") || !strings.Contains(got.stdout, `"answer"`) {
		t.Errorf("%+v", got)
	}
	if got := execute(t, nil, chat...); got.status != 0 || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	got := executeWith(t, Streams{In: strings.NewReader(""), Environment: lookup(nil), ErrTerminal: true}, chat...)
	if got.status != 0 || !strings.Contains(got.stderr, "characters of the answer came") || !strings.HasSuffix(got.stderr, "\r\x1b[K") {
		t.Errorf("%+v", got)
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	flags := []string{"--sandbox", "--sandbox-db", ":memory:"}
	for words, wants := range map[string][]string{
		"call ":                                     {"get_credits\tGet credits", "settle_payment\t"},
		"call chat_with_agent ":                     {"agent=\tAgent id or name.", "message="},
		"call chat_with_agent agent=a ":             {"message="},
		"call chat_with_agent agent=":               {"agent=dana-assistant", "agent=recipe-muse"},
		"call create_agent is_public=":              {"is_public=true", "is_public=false"},
		"config ":                                   {"claude-desktop\tClaude Desktop", "goose\t"},
		"call chat_with_agent --toolsets nonsense ": nil,
	} {
		arguments := append([]string{"__complete"}, strings.Split(words, " ")...)
		if strings.HasPrefix(words, "call") {
			arguments = append(append([]string{"__complete", "call"}, flags...), strings.Split(words, " ")[1:]...)
		}
		got := execute(t, nil, arguments...)
		for _, want := range wants {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("%q does not offer %q: %+v", words, want, got)
			}
		}
		if got.status != 0 || (words == "call chat_with_agent agent=a " && strings.Contains(got.stdout, "agent=\t")) {
			t.Errorf("%q: %+v", words, got)
		}
	}
}
