package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestNewServesTheWholeCatalog(t *testing.T) {
	catalog, err := tools.NewCatalog(tools.Platform{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Catalog: catalog, Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if got, want := len(s.mcp.ListTools()), len(catalog.Names()); got != want {
		t.Errorf("%d tools, want %d", got, want)
	}
	if _, failure := s.Call(t.Context(), "list_agent", nil); failure == nil || !strings.Contains(failure.Message, "list_agents") {
		t.Errorf("unknown tool: %+v", failure)
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a server without a catalog")
	}
}

func TestDeclarationSaysEverything(t *testing.T) {
	f := newFakes()
	pay := f.all()[len(f.all())-1]
	declared, err := declare(pay)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(declared)
	if err != nil {
		t.Fatal(err)
	}
	var listed map[string]any
	if err := json.Unmarshal(encoded, &listed); err != nil {
		t.Fatal(err)
	}
	hints, _ := listed["annotations"].(map[string]any)
	want := map[string]any{"title": "Title of pay", "readOnlyHint": false, "destructiveHint": true,
		"idempotentHint": false, "openWorldHint": false}
	for name, value := range want {
		if hints[name] != value {
			t.Errorf("%s: %v, want %v", name, hints[name], value)
		}
	}
	if listed["title"] != "Title of pay" || listed["description"] != "Does pay." || listed["outputSchema"] == nil {
		t.Errorf("listed as %s", encoded)
	}
}

func TestNewRefusesBadDeclarations(t *testing.T) {
	spec := func(name string) tools.Spec {
		return tools.Spec{Name: name, Title: "T", Description: "D", Class: client.Read}
	}
	named := func(name string) tools.Tool {
		return tools.Define(spec(name), func(context.Context, noInput) (echoOutput, error) { return echoOutput{}, nil })
	}
	for name, bad := range map[string]tools.Tool{
		"upper case": named("A"),
		"long name":  named(strings.Repeat("a", maxToolName+1)),
	} {
		if _, err := New(Options{Catalog: collect(t, bad)}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	list := tools.Define(spec("a"), func(context.Context, noInput) ([]string, error) { return nil, nil })
	s, err := New(Options{Catalog: collect(t, list, named("b"))})
	if err != nil {
		t.Fatal(err)
	}
	if s.Check() == nil {
		t.Error("a list as the result is taken")
	}
	if listed := s.list(); len(listed) != 1 || listed["b"] == nil {
		t.Errorf("one bad tool spoils the list: %v", listed)
	}
}

func TestCheckSchema(t *testing.T) {
	for schema, good := range map[string]bool{
		`{"type":"object","properties":{"a":{"type":"string"}}}`: true,
		`{"type":"object"}`:                         true,
		`{"type":"array"}`:                          false,
		`{"type":["object","null"]}`:                false,
		`{"$ref":"#/$defs/a"}`:                      false,
		`{"type":"object","properties":{"a":true}}`: false,
		`true`: false,
		`{`:    false,
	} {
		if err := checkSchema(json.RawMessage(schema)); (err == nil) != good {
			t.Errorf("%s: %v", schema, err)
		}
	}
}
