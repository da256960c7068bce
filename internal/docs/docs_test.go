package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// TestDocumentationIsFresh fails when make docs would change anything.
func TestDocumentationIsFresh(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if filled, err := fill(readme); err != nil || !bytes.Equal(filled, readme) {
		t.Errorf("README.md is stale, run make docs: %v", err)
	}
	if lines := strings.Count(string(readme), "\n"); lines >= 150 {
		t.Errorf("README.md has %d lines", lines)
	}
	if pictures := strings.Count(string(readme), "!["); pictures != 1 {
		t.Errorf("README.md has %d pictures", pictures)
	}
	pages, err := generatedPages()
	if err != nil {
		t.Fatal(err)
	}
	if pages["client.md"], err = clientGuide("../.."); err != nil {
		t.Fatal(err)
	}
	if pages["../client/api.txt"], err = exportedAPI("../../client"); err != nil {
		t.Fatal(err)
	}
	for name, fresh := range pages {
		stored, err := os.ReadFile("../../docs/" + name)
		if err != nil || !bytes.Equal(stored, fresh) {
			t.Errorf("docs/%s is stale, run make docs: %v", name, err)
		}
	}
	shown, err := guides("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, fresh := range shown {
		stored, err := os.ReadFile("../../" + name)
		if err != nil || !bytes.Equal(stored, fresh) {
			t.Errorf("%s shows a program as it was, run make docs: %v", name, err)
		}
	}
}

// TestEverySDKMethodHasARow holds the table of operations to the methods that the page of the Robutler SDK shows.
func TestEverySDKMethodHasARow(t *testing.T) {
	t.Parallel()
	page := string(platformReference())
	for _, method := range []string{
		"agents.list", "agents.create", "agents.update", "agents.search", "agents.discover", "agents.get", "agents.get_by_name",
		"AgentResource.api_key", "content.agent_access", "content.list", "content.upload", "user.get", "user.credits",
		"user.transactions", "api_keys.list", "tokens.validate", "tokens.redeem", "facilitator.verify", "facilitator.settle",
		"facilitator.supported_schemes", "facilitator.exchange_rates", "facilitator.exchange", "intents.publish",
	} {
		if !strings.Contains(page, "| `"+method+"` |") {
			t.Errorf("%s has no row", method)
		}
	}
}

func TestMarksAreNeeded(t *testing.T) {
	t.Parallel()
	if _, err := fill([]byte("no marks")); err == nil {
		t.Error("no error")
	}
}

// TestEveryOperationHasATool holds the tools to the client, in both directions; get_account_summary joins several, and
// list_pending_payments asks this server's own journal.
func TestEveryOperationHasATool(t *testing.T) {
	t.Parallel()
	all, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{"get_account_summary": true, "list_pending_payments": true}
	methods := toolsByMethod()
	for _, operation := range client.Operations() {
		tool := methods[operation.Method]
		if tool == "" && operation.Method != "Health" {
			t.Errorf("%s has no tool", operation.Method)
		}
		if named[tool] = true; tool != "" {
			if found, err := all.Find(tool); err != nil || (found.Class == client.Read || found.NoEffect) != (operation.Class == client.Read) {
				t.Errorf("%s of class %s has the tool %s of class %s: %v", operation.Method, operation.Class, tool, found.Class, err)
			}
		}
		delete(methods, operation.Method)
	}
	for method := range methods {
		t.Errorf("%s is no operation", method)
	}
	for _, tool := range all.Names() {
		if !named[tool] {
			t.Errorf("%s is the tool of no operation", tool)
		}
	}
}
