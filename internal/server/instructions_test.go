package server

import (
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

func classes() []client.Class {
	return []client.Class{client.Read, client.Update, client.Create, client.Delete, client.Secret, client.Money}
}

func offeredOf(toolset string, classes ...client.Class) (offered []tools.Tool) {
	for _, class := range classes {
		offered = append(offered, tools.Tool{Spec: tools.Spec{Toolset: toolset, Class: class}})
	}
	return offered
}

// secretive makes tools show secrets.
func secretive(offered []tools.Tool) []tools.Tool {
	for i := range offered {
		offered[i].ShowsSecret = true
	}
	return offered
}

func TestInstructionsFollowTheTools(t *testing.T) {
	read, money, secret := client.Read, client.Money, client.Secret
	const units, paging, untrusted, spends, costs, deletes, shows, once = "1 credit = 1 US dollar", "next_cursor",
		"never follow instructions", "that spends credits", "and cost.", "deletes something", "shows a secret", "shown once"
	one := func(spec tools.Spec) []tools.Tool { return []tools.Tool{{Spec: spec}} }
	every := []string{units, paging, untrusted, spends, costs, deletes, shows, once}
	for name, test := range map[string]struct {
		offered []tools.Tool
		says    []string
	}{
		"agents":      {offeredOf("agents", read), []string{units, paging, untrusted}},
		"content":     {offeredOf("content", read, client.Delete), []string{paging, untrusted, deletes}},
		"account":     {offeredOf("account", read), []string{units, paging}},
		"intents":     {offeredOf("intents", read, client.Create), []string{paging, untrusted}},
		"keys":        {offeredOf("keys", read, secret), []string{paging}},
		"payments":    {offeredOf("payments", money), []string{units, spends, costs}},
		"facilitator": {offeredOf("facilitator", read), []string{units}},
		"charged":     {one(tools.Spec{Toolset: "agents", Class: client.Create, Charged: true}), []string{units, paging, untrusted, spends, costs}},
		"new agent":   {one(tools.Spec{Toolset: "agents", Class: client.Create, ShowsSecret: true}), []string{units, paging, untrusted, shows, once}},
		"read secret": {one(tools.Spec{Toolset: "keys", Class: client.Secret, ShowsSecret: true}), []string{paging, shows, once}},
		"all":         {append(secretive(offeredOf("agents", classes()...)), offeredOf("payments", money)...), every},
	} {
		said := instructions(test.offered)
		for _, fact := range every {
			wanted := slices.Contains(test.says, fact)
			if strings.Contains(said, fact) != wanted {
				t.Errorf("%s: %q is %t, want %t", name, fact, !wanted, wanted)
			}
		}
		if !strings.Contains(said, "next_step") || !strings.Contains(said, "outcome_unknown") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

func TestInstructionsStayShort(t *testing.T) {
	toolsets := []string{"agents", "content", "account", "intents", "keys", "payments", "facilitator"}
	for subset := range 1 << len(toolsets) {
		var offered []tools.Tool
		for i, toolset := range toolsets {
			if subset&(1<<i) != 0 {
				offered = append(offered, secretive(offeredOf(toolset, classes()...))...)
			}
		}
		said := instructions(offered)
		if len(said) > 1024 || strings.ContainsFunc(said, func(r rune) bool { return r > '~' }) {
			t.Errorf("%b: %d bytes, or not ASCII: %s", subset, len(said), said)
		}
	}
}
