package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// shown gives a result as a person reads it.
func shown(t *testing.T, result string, width int) string {
	t.Helper()
	var out bytes.Buffer
	streams := Streams{Out: &out, Environment: lookup(map[string]string{"TERM": "dumb"}), OutTerminal: width > 0, Width: func() int { return width }}
	if err := showResult(streams, "tool", tools.Result{Structured: []byte(result)}, false); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestShow(t *testing.T) {
	t.Parallel()
	const agents = `{"agents":[{"id":"a1","name":"one","description":"","tags":["x","y"],"credits_per_token":"0.5","price":{"unit":"token","most":null},` +
		`"is_public":true,"created_at":"2026-05-01T10:20:30.5Z"},{"id":"b","name":"a name that is longer","credits_per_token":"12"}],"complete":true}`
	tests := []struct {
		name, result string
		width        int
		want         string
	}{
		{
			"all of a list", agents, 0,
			"agents (2)\nNAME                   ID  PUBLIC  CREDITS/TOKEN  CREATED            TAGS  PRICE\n" +
				"one                    a1  true              0.5  2026-05-01 10:20Z  x, y  unit: token\n" +
				"a name that is longer  b                      12\n",
		},
		{
			"the most useful of a list", agents, 50,
			"agents (2)\nNAME                   ID  PUBLIC  CREDITS/TOKEN\none                    a1  true              0.5\n" +
				"a name that is longer  b                      12\nLeft out: created_at, tags, price. All of it:\n--output json.\n",
		},
		{"a text is cut", `{"l":[{"id":"0123456789","text":"a text that is longer than the room that is left"}]}`, 30, "l (1)\nID          TEXT\n0123456789  a text that is lo…\n"},
		{"an id is not", `{"l":[{"name":"one","id":"0123456789"}]}`, 14, "l (1)\nNAME\none\nLeft out: id.\nAll of it:\n--output json.\n"},
		{"an amount is not", `{"l":[{"text":"t","amount_credits":"1234567.89"}]}`, 10, "l (1)\n    AMOUNT\n1234567.89\nLeft out:\ntext. All\nof it:\n--output\njson.\n"},
		{
			"wide characters and marks", `{"l":[{"name":"日本語の名前","state":"x"},{"name":"cafe\u0301","state":"y"},{"name":"👍 ok","state":"z"}]}`, 40,
			"l (3)\nNAME          STATE\n日本語の名前  x\ncafe\u0301          y\n👍 ok         z\n",
		},
		{"wide characters are cut", `{"l":[{"name":"日本語の名前"}]}`, 8, "l (1)\nNAME\n日本語…\n"},
		{"parts in a cell", `{"l":[{"a":[{"name":"x"},{"name":"y"}],"b":[{"c":1},{"c":2}],"d":[],"e":{}}]}`, 80, "l (1)\nA     B\nx, y  c: 1, c: 2\n"},
		{"columns without a value", `{"l":[{"a":null,"b":""},{}]}`, 80, "l (2)\n"},
		{"numbers on the right", `{"l":[{"n":1,"v":"1.2.3"},{"n":-20.5,"v":"4"},{"n":300,"v":"-"}]}`, 80, "l (3)\n    N  V\n    1  1.2.3\n-20.5  4\n  300  -\n"},
		{"sizes once", `{"l":[{"name":"a","size_bytes":59,"size":"59B"}]}`, 80, "l (1)\nNAME  SIZE\na     59B\n"},
		{"an empty list", `{"recent_transactions":[],"complete":true}`, 80, "No recent transactions.\n"},
		{"more of a list", `{"l":[{"a":1}],"next_cursor":"abc","complete":false}`, 80, "l (1)\nA\n1\nThere is more. For the next part add: cursor=abc\n"},
		{"an object", `{"credits":{"available_credits":"5.5","most":{"day":null}},"list":[],"words":["a","b"],"none":{}}`, 80, "credits\n  available_credits  5.5\n  most\n    day\nNo list.\nwords  a, b\nnone   none\n"},
		{"a list in an object", `{"agent":{"name":"x","actions":[{"name":"y","n":1}]}}`, 80, "agent\n  name  x\n  actions (1)\n  NAME  N\n  y     1\n"},
		{"a long value", `{"name":"x","notice":"some words that do not fit into a single line"}`, 40, "name    x\nnotice  some words that do not fit into\n        a single line\n"},
		{"a long value in little room", `{"notice":"some words that do not fit"}`, 20, "notice\n  some words that do\n  not fit\n"},
		{"an address stays whole", `{"url":"https://robutler.ai/a/long/address/of/something"}`, 40, "url  https://robutler.ai/a/long/address/of/something\n"},
		{"a terminal's commands", `{"a":"\u001b[2Jx\u009b1m\r","l":[{"b":"\u001b]0;t\u0007\ny"}]}`, 80, "a  [2Jx1m\nl (1)\nB\n]0;t y\n"},
		{"lines that look like ours", `{"answer":"one\nstatus  done\n\tcode","status":"done"}`, 80, "answer\n  one\n  status  done\n      code\nstatus  done\n"},
		{"a trial", `{"status":"dry_run","would":"Do it.","next_step":"call again"}`, 80, "would  Do it.\nNothing was done, since dry_run was given. Leave it out to do it.\n"},
		{"nothing", `{}`, 80, ""},
	}
	for _, test := range tests {
		if got := shown(t, test.result, test.width); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

// FuzzShow is the promise about anybody's text: none of it moves the cursor, and no table is wider than the terminal.
func FuzzShow(f *testing.F) {
	f.Add(`{"a":[{"b":"c"}]}`, 80)
	f.Add(`{"a":"\u001b[2J","b":[{"c":"\u0007"}],"d":{"e":{"f":[1]}}}`, 5)
	f.Add(`{"a":[{"name":"日本語","id":"e\u0301\u200d","x":[[{}]]}]}`, 9)
	f.Fuzz(func(t *testing.T, result string, width int) {
		members, err := membersOf([]byte(result))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := (&page{width: width}).show(&out, members); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.String() {
			if r != '\n' && (r < ' ' || (r >= 0x7f && r < 0xa0)) {
				t.Fatalf("%q shows %q", result, r)
			}
		}
		for _, m := range members {
			var items []json.RawMessage
			if json.Unmarshal(m.value, &items) != nil {
				continue
			}
			rows, ok := rowsOf(items)
			if !ok || len(rows) == 0 || width < 2 {
				continue
			}
			columns, _ := fit(columnsOf(rows), width)
			for row := range rows {
				cells := make([]string, 0, len(columns))
				for _, c := range columns {
					cells = append(cells, c.cells[row])
				}
				if line := lineOf(columns, cells); widthOf(line) > width {
					t.Fatalf("%q is wider than %d", line, width)
				}
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
	if table := at(true); table.status != 0 || !strings.Contains(table.stdout, "agents (2)") {
		t.Errorf("%+v", table)
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
