package tools_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/golden"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// offline builds the catalog around a client that has no key and no platform.
func offline(t testing.TB) *tools.Catalog {
	t.Helper()
	c, err := client.New(client.WithBaseURL("http://127.0.0.1:1"), client.WithKeySource(
		func(context.Context) (string, error) { return "", client.ErrMissingKey }))
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := tools.NewCatalog(tools.Platform{Client: c})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func TestGoldenCatalog(t *testing.T) {
	t.Parallel()
	if err := offline(t).Check(); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := offline(t).WriteJSON(&got); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "catalog.golden", got.Bytes())
}

func TestHintsFollowTheClass(t *testing.T) {
	t.Parallel()
	want := map[client.Class]tools.Hints{
		client.Read:   {ReadOnly: true, Idempotent: true},
		client.Update: {Destructive: true, Idempotent: true},
		client.Create: {},
		client.Delete: {Destructive: true, Idempotent: true},
		client.Secret: {Destructive: true},
		client.Money:  {Destructive: true},
	}
	for class, hints := range want {
		tool := tools.Define(tools.Spec{Name: "x", Class: class}, func(context.Context, tools.NoInput) (tools.NoInput, error) {
			return tools.NoInput{}, nil
		})
		if got := tool.Hints(); got != hints {
			t.Errorf("%s: %+v, want %+v", class, got, hints)
		}
	}
}

// reading are the names of the tools that change nothing.
func reading(catalog *tools.Catalog, among []string) []string {
	var names []string
	for _, tool := range catalog.Tools() {
		if tool.Class == client.Read && slices.Contains(among, tool.Name) {
			names = append(names, tool.Name)
		}
	}
	return names
}

func TestSelect(t *testing.T) {
	t.Parallel()
	catalog := offline(t)
	all := catalog.Names()
	usual := all[:slices.Index(all, "list_api_keys")]
	without := func(names []string, left ...string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(left, name) })
	}
	content := []string{"list_content", "read_content", "upload_content", "delete_content"}
	tests := []struct {
		name   string
		filter tools.Filter
		want   []string
	}{
		{"default", tools.Filter{}, usual},
		{"all", tools.Filter{Toolsets: []string{"all"}}, all},
		{"one toolset", tools.Filter{Toolsets: []string{"content"}}, content},
		{"single tools", tools.Filter{Tools: []string{"get_credits"}}, []string{"get_credits"}},
		{"toolset and tool", tools.Filter{Toolsets: []string{"content"}, Tools: []string{"get_credits"}}, append(slices.Clone(content), "get_credits")},
		{"exclusion wins", tools.Filter{Tools: []string{"get_credits", "list_agents"}, Exclude: []string{"get_credits"}}, []string{"list_agents"}},
		{"read only wins", tools.Filter{Toolsets: []string{"content"}, Tools: []string{"create_agent"}, ReadOnly: true}, content[:2]},
		{"no money", tools.Filter{NoMoney: true}, without(usual, "chat_with_agent")},
		{"no money in all", tools.Filter{Toolsets: []string{"all"}, NoMoney: true}, without(all, "chat_with_agent", "lock_payment", "extend_payment_lock",
			"settle_payment", "redeem_payment_token", "delegate_payment_token", "settle_x402_payment", "exchange_x402_payment")},
		{"toolset read-only", tools.Filter{Toolsets: []string{"content:ro"}}, content[:2]},
		{"one of two read-only", tools.Filter{Toolsets: []string{"content:ro", "intents"}}, []string{"list_content", "read_content", "publish_intents", "search_intents"}},
		{"default read-only", tools.Filter{Toolsets: []string{"default:ro"}}, reading(catalog, usual)},
		{"all read-only", tools.Filter{Toolsets: []string{"all:ro"}}, reading(catalog, all)},
		{"the wider of two wins", tools.Filter{Toolsets: []string{"content:ro", "content"}}, content},
	}
	for _, test := range tests {
		selected, err := catalog.Select(test.filter)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := selected.Names(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	_, err := catalog.Select(tools.Filter{Toolsets: []string{"agent"}, Tools: []string{"list_agent"}, Exclude: []string{"nothing"}})
	for _, part := range []string{`toolset "agent"`, "did you mean agents?", "did you mean list_agents?", `tool "nothing"`, "get_credits"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v lacks %q", err, part)
		}
	}
	for _, name := range []string{"agents:rw", "agents:", ":ro", "agents:ro:ro"} {
		if _, err := catalog.Select(tools.Filter{Toolsets: []string{name}}); err == nil {
			t.Errorf("the toolset %q is taken", name)
		}
	}
	if _, err := catalog.Select(tools.Filter{Tools: []string{"create_agent"}, ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "no tool is left") {
		t.Errorf("an empty selection: %v", err)
	}
	if _, err := catalog.Find("list_agnets"); err == nil || !strings.Contains(err.Error(), "did you mean list_agents?") {
		t.Errorf("Find: %v", err)
	}
}

func TestRenderings(t *testing.T) {
	t.Parallel()
	catalog := offline(t)
	var table, page bytes.Buffer
	if err := catalog.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	if err := catalog.WriteMarkdown(&page); err != nil {
		t.Fatal(err)
	}
	for _, name := range catalog.Names() {
		if !strings.Contains(table.String(), name) || !strings.Contains(page.String(), "### "+name) {
			t.Errorf("%s is missing", name)
		}
	}
	for _, part := range []string{"One of `private`, `public`. Default `private`.", "From 1 to 100. Default `20`.", "text list", "No arguments."} {
		part = strings.Replace(part, "text list", "string list", 1)
		if !strings.Contains(page.String(), part) {
			t.Errorf("the reference lacks %q", part)
		}
	}
}
