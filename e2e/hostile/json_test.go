package hostile

import (
	"fmt"
	"strings"
	"testing"
)

// jsonRows are about messages that are not what they should be.
func jsonRows(platform *gateway) []row {
	with := func(probe func(*testing.T, *gateway, string) string) func(*testing.T, string) string {
		return func(t *testing.T, over string) string { return probe(t, platform, over) }
	}
	return []row{
		{fault: "what is no message", limit: "-32700 or -32600, id null", over: everywhere(), probe: with(noMessages)},
		{fault: "a batch", limit: "-32600, no member runs", over: everywhere(), probe: with(batches)},
		{fault: "unknown methods, tools and arguments", limit: "-32601, -32602, isError by name", over: everywhere(), probe: with(unknowns)},
		{fault: "wrong-case and duplicate keys", limit: "refused, nothing runs", over: everywhere(), probe: with(ambiguousKeys)},
		{fault: "invalid UTF-8", limit: "refused, nothing runs", over: everywhere(), probe: with(invalidText)},
		{fault: "lone surrogates, NUL and ESC", limit: "refused in names, ids and money", over: everywhere(), probe: with(oddText)},
	}
}

// notRun fails when one of the calls of a row has reached the platform. They all ask for agents named after a word.
func notRun(t *testing.T, platform *gateway, word string) {
	t.Helper()
	if strings.Contains(platform.seen(), word) {
		t.Errorf("a call that must not run has run: %s", word)
	}
}

// word gives a name that no other call asks for.
func word() string { return fmt.Sprintf("never-%d", payments.Add(1)) }

func noMessages(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	messages := []string{
		`{`, `}`, `not json`, `{"jsonrpc":"2.0","id":1,"method":"ping"`, `[1`, `nul`, `123`, `-`, `1.5`, `null`, `true`, `""`, `"ping"`,
		`{}`, `[]`, `{"jsonrpc":"2.0"}`, `{"jsonrpc":"2.0","method":""}`, `{"jsonrpc":"1.0","id":null,"method":"ping"}`,
		`{"jsonrpc":"2.0","id":null,"method":5}`, `{} {}`, `{"jsonrpc":"2.0","id":null,"method":"ping"}x`, "\x00", `{"a":\u0041}`,
	}
	for _, message := range messages {
		answer := ask(t, w, message, "1")
		if code := answer.code(); code != -32700 && code != -32600 {
			t.Errorf("%q is answered with %d %s", message, answer.status, answer.raw)
		}
		if answer.status != 0 && answer.status != 400 {
			t.Errorf("%q: status %d", message, answer.status)
		}
	}
	ping(t, w)
	return fmt.Sprintf("%d refused", len(messages))
}

func batches(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	name := word()
	member := call(w, "1", "get_agent", fmt.Sprintf(`{"agent":%q}`, name))
	for _, message := range []string{"[" + member + "]", "[" + member + "," + strings.Replace(member, `"id":1`, `"id":2`, 1) + "]", " [ " + member + " ] "} {
		answer := ask(t, w, message, "1", "2")
		if answer.code() != -32600 || (answer.status != 0 && answer.status != 400) || !strings.Contains(answer.raw, "batch") {
			t.Errorf("a batch is answered with %d %s", answer.status, answer.raw)
		}
	}
	ping(t, w)
	notRun(t, platform, name)
	return "3 refused, 0 ran"
}

func unknowns(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	id := fresh()
	if answer := ask(t, w, w.encode(id, "tools/burn", `{}`), id); answer.code() != -32601 {
		t.Errorf("an unknown method: %s", answer.raw)
	}
	if answer := do(t, w, "list_agent", `{}`); answer.code() != -32602 || !strings.Contains(answer.raw, "list_agents") {
		t.Errorf("an unknown tool: %s", answer.raw)
	}
	for arguments, parts := range map[string][]string{
		`{}`:                                  {"agent", "required"},
		`{"agent":"a","colour":"red"}`:        {"colour"},
		`{"agent":[1,2]}`:                     {"agent"},
		`{"agent":"a","incluude_intents":1}`:  {"incluude_intents"},
		`{"agent":{"id":"a"},"limit":"many"}`: {"agent", "limit"},
	} {
		answer := do(t, w, "get_agent", arguments)
		if answer.Result == nil || !answer.outcome(t).IsError {
			t.Errorf("%s is answered with %s", arguments, answer.raw)
		}
		for _, part := range parts {
			if !strings.Contains(answer.raw, part) {
				t.Errorf("%s: %q is missing in %s", arguments, part, answer.raw)
			}
		}
		for _, leak := range []string{"json:", "Go ", "struct", "reflect", "interface {}"} {
			if strings.Contains(answer.raw, leak) {
				t.Errorf("%s: the words are not for people: %s", arguments, answer.raw)
			}
		}
	}
	return "7 told"
}

// spoilt gives a good call in forms that different readers read differently. Each asks for an agent of a name.
func spoilt(w wire, name string) map[string]string {
	good := call(w, "@", "get_agent", fmt.Sprintf(`{"agent":%q}`, name))
	change := func(old, replacement string) string { return strings.Replace(good, old, replacement, 1) }
	return map[string]string{
		"METHOD":               change(`"method"`, `"METHOD"`),
		"Params":               change(`"params"`, `"Params"`),
		"ID":                   change(`"id"`, `"ID"`),
		"JSONRPC":              change(`"jsonrpc"`, `"JSONRPC"`),
		"params.Name":          change(`"name":"get_agent"`, `"Name":"get_agent"`),
		"params.ARGUMENTS":     change(`"arguments"`, `"ARGUMENTS"`),
		"arguments.Agent":      change(`"agent"`, `"Agent"`),
		"two method":           change(`"method":`, `"method":"ping","method":`),
		"two id":               change(`"id":@`, `"id":"first","id":@`),
		"two params":           change(`"params":`, `"params":{},"params":`),
		"two jsonrpc":          change(`"jsonrpc":"2.0"`, `"jsonrpc":"2.0","jsonrpc":"2.0"`),
		"two params.name":      change(`"name":"get_agent"`, `"name":"get_credits","name":"get_agent"`),
		"two params.arguments": change(`"arguments":`, `"arguments":{},"arguments":`),
		"two agent":            change(`"agent":`, `"agent":"other","agent":`),
		"method and Method":    change(`"method":`, `"Method":"ping","method":`),
		"escaped twin":         change(`"method":`, `"meth\u006fd":"ping","method":`),
		"long s":               change(`"params"`, `"param`+"\u017f"+`"`),
	}
}

func ambiguousKeys(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	name := word()
	forms := spoilt(w, name)
	for what, message := range forms {
		id := fresh()
		answer := ask(t, w, strings.ReplaceAll(message, "@", id), id, `"first"`)
		if answer.code() == 0 && (answer.Result == nil || !answer.outcome(t).IsError) {
			t.Errorf("%s is answered with %d %s %v", what, answer.status, answer.raw, answer.err)
		}
	}
	ping(t, w)
	notRun(t, platform, name)
	return fmt.Sprintf("%d refused, 0 ran", len(forms))
}

func invalidText(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	name := word()
	good := call(w, "@", "search_agents", fmt.Sprintf(`{"query":%q}`, name))
	refusals := 0
	for _, bytes := range []string{"\xff", "\xc3\x28", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf", "\xe2\x82"} {
		for _, at := range []string{name, "search_agents", "tools/call"} {
			id := fresh()
			answer := ask(t, w, strings.Replace(strings.Replace(good, at, at+bytes, 1), "@", id, 1), id)
			refusals++
			if answer.code() == 0 && (answer.Result == nil || !answer.outcome(t).IsError) {
				t.Errorf("%q behind %s is answered with %s", bytes, at, answer.raw)
			}
		}
	}
	ping(t, w)
	notRun(t, platform, name)
	return fmt.Sprintf("%d refused, 0 ran", refusals)
}

func oddText(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	name := word()
	odd := []string{`\ud800`, `\udc00x`, `\u0000`, `\u001b[31m`}
	for _, text := range odd {
		for what, message := range map[string]string{
			"the tool":   call(w, "#", "get_agent"+"@", fmt.Sprintf(`{"agent":%q}`, name)),
			"the agent":  call(w, "#", "get_agent", fmt.Sprintf(`{"agent":"%s@"}`, name)),
			"the amount": call(w, "#", "redeem_payment_token", fmt.Sprintf(`{"token":%q,"amount_usd":"0.001@","idempotency_key":%q}`, creditsToken, name)),
			"the token":  call(w, "#", "redeem_payment_token", fmt.Sprintf(`{"token":"%s@","amount_usd":"0.001"}`, name)),
		} {
			id := fresh()
			answer := ask(t, w, strings.Replace(strings.Replace(message, "@", text, 1), "#", id, 1), id)
			if answer.code() == 0 && (answer.Result == nil || !answer.outcome(t).IsError) {
				t.Errorf("%s in %s is answered with %s", text, what, answer.raw)
			}
			if strings.ContainsAny(answer.raw, "\x1b\x00") || strings.Contains(answer.raw, `\u001b[31m`) {
				t.Errorf("%s in %s is echoed: %q", text, what, answer.raw)
			}
		}
	}
	ping(t, w)
	notRun(t, platform, name)
	return fmt.Sprintf("%d refused", 4*len(odd))
}
