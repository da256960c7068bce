package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// possessions are what a user keeps for themselves.
type possessions struct{ agent, file, key, secret string }

func (c *caller) setUp() possessions {
	c.t.Helper()
	canary := c.who.canary
	agent := c.do("create_agent", map[string]any{"name": canary + "-agent", "instructions": canary, "description": "About " + canary, "intents": []string{canary}})
	file := c.do("upload_content", map[string]any{"filename": canary + ".txt", "text": "It says " + canary, "description": canary})
	key := c.do("create_api_key", map[string]any{"name": canary})
	id := func(of outcome) string {
		if of.IsError || of.Structured == nil {
			c.t.Fatalf("%s: %+v", c.who.name, of)
		}
		for _, member := range []string{"id", "agent", "file", "key"} {
			switch value := of.Structured[member].(type) {
			case string:
				return value
			case map[string]any:
				if id, ok := value["id"].(string); ok {
					return id
				}
			}
		}
		c.t.Fatalf("%s: no id in %v", c.who.name, of.Structured)
		return ""
	}
	own := possessions{agent: id(agent), file: id(file)}
	encoded, _ := json.Marshal(key.Structured)
	_, rest, _ := strings.Cut(string(encoded), `rok_`)
	own.secret, _, _ = strings.Cut("rok_"+rest, `"`)
	listed := c.call("list_api_keys", map[string]any{})
	rows, _ := listed.Structured["keys"].([]any)
	for _, row := range rows {
		if members, _ := row.(map[string]any); members["name"] == canary {
			own.key, _ = members["id"].(string)
		}
	}
	if own.key == "" || len(own.secret) < 20 {
		c.t.Fatalf("%s: no key: %v, %v", c.who.name, key, listed.Structured)
	}
	return own
}

// destructive tools go last.
func destructive(tool string) bool {
	return strings.HasPrefix(tool, "delete_") || strings.HasPrefix(tool, "regenerate_")
}

// examples gives each tool's example, with the ids of what it is about replaced.
func examples(t *testing.T, with possessions) map[string]map[string]any {
	t.Helper()
	listed := execute(t, nil, "tools", "--json", "--toolsets", "all")
	var catalog struct {
		Tools []struct {
			Name    string         `json:"name"`
			Example map[string]any `json:"example"`
		} `json:"tools"`
	}
	if err := json.Unmarshal([]byte(listed.stdout), &catalog); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, tool := range catalog.Tools {
		for argument, id := range map[string]string{"agent": with.agent, "content": with.file, "key_id": with.key, "recipient": with.agent} {
			if _, ok := tool.Example[argument]; ok && id != "" {
				tool.Example[argument] = id
			}
		}
		all[tool.Name] = tool.Example
	}
	return all
}

// TestTwoCallers lets two users call every tool, resource and completion, each with their own things and with those of
// the other: neither sees anything of the other.
func TestTwoCallers(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"passthrough", "oidc"} {
		for _, kind := range []string{"legacy", "modern", "sse"} {
			if testing.Short() && (kind == "modern") != (mode == "passthrough") {
				continue
			}
			t.Run(mode+"/"+kind, func(t *testing.T) {
				p := startPlatform(t)
				base, _ := startServer(t, p, mode, "--rate-limit", "off", "--max-spend-per-day", "1000")
				alice, bob := connect(t, base, kind, p.alice), connect(t, base, kind, p.bob)
				ofAlice, ofBob := alice.setUp(), bob.setUp()
				everyTool(t, bob, alice, ofAlice, ofBob)
				everyTool(t, alice, bob, ofBob, ofAlice)
				atOnce(t, alice, bob)
				checkApart(t, alice, bob, ofAlice)
				checkApart(t, bob, alice, ofBob)
				p.check(t)
			})
		}
	}
}

// everyTool calls each tool with what belongs to the other, and then with the caller's own.
func everyTool(t *testing.T, who, other *caller, foreign, own possessions) {
	t.Helper()
	for _, with := range []possessions{foreign, own} {
		calls := examples(t, with)
		names := make([]string, 0, len(calls))
		for name := range calls {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int {
			return strings.Compare(fmt.Sprint(destructive(a), a), fmt.Sprint(destructive(b), b))
		})
		if len(names) != 37 {
			t.Fatalf("%d tools", len(names))
		}
		for _, name := range names {
			if destructive(name) && with == own {
				continue // the other one still needs something to see
			}
			called := who.do(name, calls[name])
			if called.answered.Error != nil || called.answered.status != 200 {
				t.Errorf("%s: %s: %+v", who.who.name, name, called.answered)
			}
			if destructive(name) && !called.IsError && called.Structured["already_absent"] != true {
				t.Errorf("%s did %s to something of %s: %v", who.who.name, name, other.who.name, called.Structured)
			}
		}
	}
	who.ask("tools/list", map[string]any{})
	for _, uri := range []string{"robutler://account", "robutler://agents/" + foreign.agent, "robutler://content/" + foreign.file, "robutler://content/" + own.file} {
		read := who.ask("resources/read", map[string]any{"uri": uri})
		if foreignRead := strings.Contains(uri, foreign.agent) || strings.Contains(uri, foreign.file); foreignRead != (read.Error != nil) {
			t.Errorf("%s: %s: %s %s", who.who.name, uri, read.Result, read.Error)
		}
	}
	for reference, argument := range map[string]string{"robutler://agents/{name}": "name", "robutler://content/{id}": "id"} {
		completed := who.ask("completion/complete", map[string]any{
			"ref": map[string]any{"type": "ref/resource", "uri": reference}, "argument": map[string]any{"name": argument, "value": ""},
		})
		wanted := map[string]string{"name": who.who.canary + "-agent", "id": own.file}[argument]
		if completed.Error != nil || !strings.Contains(string(completed.Result), wanted) {
			t.Errorf("%s: completion of %s: %s %s", who.who.name, reference, completed.Result, completed.Error)
		}
	}
}

// atOnce lets both ask the same at the same time: the ids of their requests are the same, too.
func atOnce(t *testing.T, callers ...*caller) {
	t.Helper()
	var asking sync.WaitGroup
	for _, c := range callers {
		asking.Go(func() {
			for range 40 {
				if profile := c.call("get_user", map[string]any{}); !strings.Contains(fmt.Sprint(profile.Structured), c.who.email) {
					t.Errorf("%s was given %v", c.who.name, profile.Structured)
				}
			}
		})
	}
	asking.Wait()
}

// checkApart looks for anything of one caller in all that another one was sent.
func checkApart(t *testing.T, who, other *caller, own possessions) {
	t.Helper()
	for what, text := range map[string]string{
		"canary": who.who.canary, "email": who.who.email, "key": who.who.key, "bearer": who.who.bearer, "new key": own.secret,
	} {
		if seen := other.saw(); strings.Contains(seen, text) {
			at := strings.Index(seen, text)
			t.Errorf("%s saw the %s of %s: ...%s", other.who.name, what, who.who.name, seen[max(0, at-300):at+len(text)])
		}
	}
	if !strings.Contains(who.saw(), who.who.canary) || !strings.Contains(who.saw(), who.who.email) {
		t.Errorf("%s did not see what is theirs", who.who.name)
	}
}
