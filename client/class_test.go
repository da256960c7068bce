package client_test

import (
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// classes say what each operation does to the platform. They stand here a second time on purpose: what may be sent again
// follows from them, so that a slip in the client's table must not carry its own proof.
func classes() map[string]client.Class {
	byClass := map[client.Class][]string{
		client.Read: {
			"Agents.List", "Agents.Get", "Agents.GetByName", "Agents.Search", "Agents.Discover", "Agents.FindSimilar", "Agents.APIKey", "Agents.Intents",
			"Content.List", "Content.AgentAccess", "Content.ListOfAgent", "Content.Read", "Content.ReadOfAgent", "User.Get, User.ValidateKey", "User.Credits",
			"User.Transactions", "APIKeys.List", "Tokens.Validate, Tokens.Balance", "Tokens.Verify", "Facilitator.Supported", "Facilitator.Verify",
			"Facilitator.ExchangeRates", "Intents.Search", "Health",
		},
		client.Update: {"Agents.Update"},
		client.Create: {"Agents.Create", "Agents.Chat, Agents.ChatStream", "Content.Upload", "Intents.Publish", "Intents.Create"},
		client.Delete: {"Agents.Delete", "Content.Delete", "APIKeys.Delete"},
		client.Secret: {"Agents.RegenerateAPIKey", "APIKeys.Create"},
		client.Money: {
			"Tokens.Redeem", "Tokens.Lock", "Tokens.ExtendLock", "Tokens.Settle", "Tokens.Delegate", "Facilitator.Settle", "Facilitator.Exchange",
		},
	}
	all := map[string]client.Class{}
	for class, methods := range byClass {
		for _, method := range methods {
			all[method] = class
		}
	}
	return all
}

func TestEveryOperationHasItsClass(t *testing.T) {
	t.Parallel()
	want := classes()
	for _, operation := range client.Operations() {
		if operation.Class != want[operation.Method] {
			t.Errorf("%s is %s, want %s", operation.Method, operation.Class, want[operation.Method])
		}
	}
	if len(want) != len(client.Operations()) {
		t.Errorf("%d classes for %d operations", len(want), len(client.Operations()))
	}
}
