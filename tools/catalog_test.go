package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
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
	var got bytes.Buffer
	if err := offline(t).WriteJSON(&got); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "catalog.golden", got.Bytes())
}

func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale; run make golden and read the difference. Got:\n%s", path, got)
	}
}

// TestCatalogLint holds every tool to the vendors' rules and to the house's.
func TestCatalogLint(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)
	catalog := offline(t)
	for _, tool := range catalog.Tools() {
		for _, finding := range schema.LintInput(tool.Input.JSON()) {
			t.Errorf("%s input: %s", tool.Name, finding)
		}
		for _, finding := range schema.LintOutput(tool.Output.JSON()) {
			t.Errorf("%s output: %s", tool.Name, finding)
		}
		if !name.MatchString(tool.Name) {
			t.Errorf("%s: bad name", tool.Name)
		}
		if n := len(tool.Description); n < 80 || n > 250 {
			t.Errorf("%s: description of %d characters", tool.Name, n)
		}
		if sentence, _, _ := strings.Cut(tool.Description, ". "); len(sentence) > 130 {
			t.Errorf("%s: first sentence of %d characters", tool.Name, len(sentence))
		}
		for _, word := range []string{"must", "always", "important", "http", "!"} {
			if strings.Contains(strings.ToLower(tool.Description), word) {
				t.Errorf("%s: description says %q", tool.Name, word)
			}
		}
		if strings.IndexFunc(tool.Description+tool.Title, func(r rune) bool { return r > 126 || r < 32 }) >= 0 {
			t.Errorf("%s: not plain ASCII", tool.Name)
		}
		if !json.Valid([]byte(tool.Example)) {
			t.Errorf("%s: no example", tool.Name)
		}
		if tool.ModelBytes() > 4*450 {
			t.Errorf("%s: %d bytes", tool.Name, tool.ModelBytes())
		}
	}
}

// maxModelTokens is the budget of the nine tools as a model sees them, at 4 bytes a token.
const maxModelTokens = 2200

func TestTokenBudget(t *testing.T) {
	t.Parallel()
	total := 0
	for _, tool := range offline(t).Tools() {
		total += tool.ModelBytes()
	}
	if total > 4*maxModelTokens {
		t.Errorf("the catalog takes %d bytes, %d tokens; the budget is %d tokens", total, total/4, maxModelTokens)
	}
	var stats bytes.Buffer
	if err := offline(t).WriteStats(&stats); err != nil || !strings.Contains(stats.String(), "9 tools") {
		t.Errorf("stats: %v\n%s", err, stats.String())
	}
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
func reading(catalog *tools.Catalog) []string {
	var names []string
	for _, tool := range catalog.Tools() {
		if tool.Class == client.Read {
			names = append(names, tool.Name)
		}
	}
	return names
}

func TestSelect(t *testing.T) {
	t.Parallel()
	catalog := offline(t)
	all := catalog.Names()
	tests := []struct {
		name   string
		filter tools.Filter
		want   []string
	}{
		{"default", tools.Filter{}, all},
		{"all", tools.Filter{Toolsets: []string{"all"}}, all},
		{"one toolset", tools.Filter{Toolsets: []string{"content"}}, []string{"list_content", "upload_content"}},
		{"single tools", tools.Filter{Tools: []string{"get_credits"}}, []string{"get_credits"}},
		{"toolset and tool", tools.Filter{Toolsets: []string{"content"}, Tools: []string{"get_credits"}}, []string{"list_content", "upload_content", "get_credits"}},
		{"exclusion wins", tools.Filter{Tools: []string{"get_credits", "list_agents"}, Exclude: []string{"get_credits"}}, []string{"list_agents"}},
		{"read only wins", tools.Filter{Toolsets: []string{"content"}, Tools: []string{"create_agent"}, ReadOnly: true}, []string{"list_content"}},
		{"no money", tools.Filter{NoMoney: true}, all},
		{"toolset read-only", tools.Filter{Toolsets: []string{"content:ro"}}, []string{"list_content"}},
		{"one of two read-only", tools.Filter{Toolsets: []string{"content:ro", "agents"}}, []string{"list_agents", "get_agent", "search_agents", "create_agent", "list_content"}},
		{"default read-only", tools.Filter{Toolsets: []string{"default:ro"}}, reading(catalog)},
		{"all read-only", tools.Filter{Toolsets: []string{"all:ro"}}, reading(catalog)},
		{"the wider of two wins", tools.Filter{Toolsets: []string{"content:ro", "content"}}, []string{"list_content", "upload_content"}},
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
