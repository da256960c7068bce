package tools_test

import (
	"context"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

func viewed(name, view string) tools.Tool {
	return tools.Define(tools.Spec{Name: name, Title: "T", Description: "D", Toolset: tools.ToolsetAgents, Class: client.Read, View: view},
		func(context.Context, tools.NoInput) (tools.NoInput, error) { return tools.NoInput{}, nil })
}

func TestViewsFollowTheTools(t *testing.T) {
	t.Parallel()
	views := []tools.View{{URI: "ui://robutler/a", HTML: []byte("<p>")}, {URI: "ui://robutler/b", HTML: []byte("<p>")}}
	catalog, err := tools.Collect([]tools.Tool{viewed("one", "ui://robutler/a"), viewed("two", "ui://robutler/b"), viewed("three", "")}, views)
	if err != nil {
		t.Fatal(err)
	}
	if len(catalog.Views()) != 2 {
		t.Errorf("views: %v", catalog.Views())
	}
	selected, err := catalog.Select(tools.Filter{Tools: []string{"two", "three"}})
	if err != nil {
		t.Fatal(err)
	}
	if left := selected.Views(); len(left) != 1 || left[0].URI != "ui://robutler/b" {
		t.Errorf("views: %v", left)
	}
}

func TestCollectRefusesBadViews(t *testing.T) {
	t.Parallel()
	for name, views := range map[string][]tools.View{
		"a view that is missing": nil,
		"another scheme":         {{URI: "https://a", HTML: []byte("<p>")}},
		"no name":                {{URI: "ui://", HTML: []byte("<p>")}},
		"an empty page":          {{URI: "ui://a"}},
	} {
		if _, err := tools.Collect([]tools.Tool{viewed("one", "ui://a")}, views); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := tools.Collect([]tools.Tool{viewed("one", ""), viewed("one", "")}, nil); err == nil {
		t.Error("two of a name are taken")
	}
}
