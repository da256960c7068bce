package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/golden"
	"github.com/robutlerai/robutler-mcp/tools"
)

// terminal is a person at a terminal of 72 characters, who types an answer.
func terminal(typed string, environment map[string]string) Streams {
	return Streams{
		In: strings.NewReader(typed), Environment: lookup(environment), InTerminal: true, OutTerminal: true, ErrTerminal: true,
		Width: func() int { return 72 },
	}
}

// asSeen runs the program at a terminal, where stdout and stderr are one screen.
func asSeen(t *testing.T, streams Streams, arguments ...string) (seen string, status int) {
	t.Helper()
	var both bytes.Buffer
	streams.Out, streams.Err, streams.Program = &both, &both, "robutler-mcp"
	status = run(t.Context(), append(arguments, "--sandbox", "--sandbox-db", ":memory:"), streams)
	return both.String(), status
}

// TestGoldenCallAtATerminal holds what people see to files that were read.
func TestGoldenCallAtATerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		typed       string
		environment map[string]string
		arguments   []string
		status      int
	}{
		"list":         {arguments: []string{"search_agents", "query=translate a contract", "limit=3"}},
		"colors":       {environment: map[string]string{"TERM": "xterm"}, arguments: []string{"list_agents"}},
		"narrow":       {environment: map[string]string{"COLUMNS": "40"}, arguments: []string{"list_agents"}},
		"wide":         {environment: map[string]string{"COLUMNS": "140"}, arguments: []string{"list_agents"}},
		"page":         {arguments: []string{"list_agents", "limit=1"}},
		"empty":        {arguments: []string{"list_pending_payments"}},
		"object":       {arguments: []string{"get_user"}},
		"not_found":    {arguments: []string{"get_agent", "agent=nobody"}, status: exitFailed},
		"arguments":    {arguments: []string{"list_agents", "limit=0", "x=1"}, status: exitUsage},
		"unknown_tool": {arguments: []string{"list_agent"}, status: exitUsage},
		"limit":        {arguments: []string{"redeem_payment_token", seededToken, "amount_usd=1.5"}, status: exitFailed},
		"agreed":       {typed: "y\n", arguments: []string{"delete_agent", "agent=dana-assistant"}},
		"declined":     {typed: "n\n", arguments: []string{"delete_agent", "agent=dana-assistant"}, status: exitUndecided},
		"secret":       {typed: "", arguments: []string{"get_agent_api_key", "agent=recipe-muse"}, status: exitUndecided},
		"money":        {typed: "n\n", arguments: []string{"redeem_payment_token", seededToken, "amount_usd=0.5"}, status: exitUndecided},
		"dry_run":      {arguments: []string{"get_agent_api_key", "agent=recipe-muse", "dry_run=true"}},
		"watch":        {arguments: []string{"chat_with_agent", "agent=legal-translator", "message=hello there", "--watch"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.environment == nil {
				test.environment = map[string]string{"NO_COLOR": "1"}
			}
			seen, status := asSeen(t, terminal(test.typed, test.environment), append([]string{"call"}, test.arguments...)...)
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			golden.Check(t, "call_"+name+".golden", []byte(seen))
			if forModels(seen) != "" {
				t.Errorf("speaks to a model: %q", forModels(seen))
			}
		})
	}
}

// forModels finds words that make no sense to who sits at a terminal.
func forModels(text string) string {
	return regexp.MustCompile(`(?i)(tell|ask|show) the user|to the model|call again|call once|with the user|this confirmation|next_step`).FindString(text)
}

// TestConfirmationWithoutATerminal says on stderr how to agree, whatever goes to stdout.
func TestConfirmationWithoutATerminal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		streams Streams
		output  string
		stdout  string
	}{
		"json":              {Streams{}, "json", `"next_step": "Nothing has been done. Show the user`},
		"text":              {Streams{}, "text", "would   Delete the agent"},
		"question not seen": {Streams{InTerminal: true}, "text", "would   Delete the agent"},
		"answer not typed":  {Streams{ErrTerminal: true}, "text", "would   Delete the agent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.streams.In, test.streams.Environment = strings.NewReader("y\n"), lookup(map[string]string{"TERM": "dumb", "COLUMNS": "132"})
			got := executeWith(t, test.streams, "call", "delete_agent", "agent=dana-assistant", "-o", test.output, "--sandbox", "--sandbox-db", ":memory:")
			if got.status != exitUndecided || !strings.Contains(got.stdout, test.stdout) {
				t.Errorf("%+v", got)
			}
			if !strings.Contains(got.stderr, "there is no terminal to ask at") || !strings.Contains(got.stderr, "add --yes.") || forModels(got.stderr) != "" {
				t.Errorf("stderr: %s", got.stderr)
			}
		})
	}
}

// TestAnEndedProgramWaitsForNoAnswer: Ctrl-C at a question is a no at once.
func TestAnEndedProgramWaitsForNoAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never, typing := io.Pipe()
	defer typing.Close()
	streams := terminal("", nil)
	streams.In, streams.Err = never, io.Discard
	if agreesAtTerminal(ctx, streams, "delete_agent", &tools.Confirmation{}, agreement{}) {
		t.Error("agreed")
	}
}

// TestDoingItAgainIsAgreedToByItself names the flag that does.
func TestDoingItAgainIsAgreedToByItself(t *testing.T) {
	t.Parallel()
	pending := &tools.Confirmation{DuplicateOf: time.Unix(0, 0)}
	for agreed, want := range map[agreement]string{{}: "again add --yes-again", {yes: true}: "--yes does not agree to doing it again: --yes-again does"} {
		var errs bytes.Buffer
		streams := Streams{Err: &errs, Environment: lookup(nil)}
		if agreesAtTerminal(t.Context(), streams, "settle_payment", pending, agreed) {
			t.Errorf("%+v agreed", agreed)
		}
		tellUndecided(streams, pending, agreed)
		if !strings.Contains(errs.String(), want) {
			t.Errorf("%+v: %s", agreed, errs.String())
		}
	}
}

// TestColorsAreForTerminals: no command of a terminal reaches a file, a dumb terminal or who asked for none.
func TestColorsAreForTerminals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment map[string]string
		terminal    bool
		colors      bool
	}{
		"terminal":       {nil, true, true},
		"NO_COLOR":       {map[string]string{"NO_COLOR": "1"}, true, false},
		"NO_COLOR empty": {map[string]string{"NO_COLOR": ""}, true, true},
		"dumb":           {map[string]string{"TERM": "dumb"}, true, false},
		"no terminal":    {nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, arguments := range [][]string{{"list_agents", "-o", "text"}, {"get_agent", "agent=nobody"}} {
				streams := terminal("", test.environment)
				streams.InTerminal, streams.OutTerminal, streams.ErrTerminal = test.terminal, test.terminal, test.terminal
				seen, _ := asSeen(t, streams, append([]string{"call"}, arguments...)...)
				if strings.Contains(seen, "\x1b") != test.colors {
					t.Errorf("%v: %q", arguments, seen)
				}
			}
		})
	}
}

// TestEveryCodeHasAStepForPeople and none that is for models.
func TestEveryCodeHasAStepForPeople(t *testing.T) {
	t.Parallel()
	for _, code := range errorCodes(t) {
		var errs bytes.Buffer
		streams := Streams{Err: &errs, Environment: lookup(nil)}
		printToolError(streams, madeCall{tool: "x", catalog: &tools.Catalog{}, flags: pflag.NewFlagSet("", pflag.ContinueOnError), settings: &config.Config{}}, &tools.Error{
			Code: code, Message: "it failed", NextStep: "Tell the user.", PlatformSaid: "no", RetryAfterSeconds: 3,
		})
		said := errs.String()
		if strings.Count(said, "\n") < 4 || forModels(said) != "" || !strings.Contains(said, `The platform says: "no"`) || !strings.Contains(said, "Wait at least 3 s") {
			t.Errorf("%s: %s", code, said)
		}
	}
}

// errorCodes reads the codes from where they are declared, so that a new one is not forgotten here.
func errorCodes(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("../../tools/error.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, match := range regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"`).FindAllSubmatch(source, -1) {
		codes = append(codes, string(match[1]))
	}
	if len(codes) < 20 {
		t.Fatalf("found only %d codes", len(codes))
	}
	return codes
}
