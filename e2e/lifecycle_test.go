package e2e

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// The sandbox's own figures: what legal-translator costs, what the platform keeps of a payment, and a payment token
// that a customer has given.
const (
	creditsPerToken = "0.00003"
	payeePart       = "0.95"
	customersToken  = "e687a3cb-07e6-5515-921a-7a341ea8858e"
)

// TestLifeOfAnAgent walks an agent from its creation to its end, with everything that it is for between, and ends with
// the balance that arithmetic gives.
func TestLifeOfAnAgent(t *testing.T) {
	for name, open := range transports() {
		for _, era := range eras() {
			t.Run(name+"/"+era.name, func(t *testing.T) {
				session := connect(t, open(t), era.version)
				expected := balance(t, session)

				agent := bringUp(t, session)
				find(t, session, agent)
				expected.Sub(expected, consult(t, session))
				expected.Add(expected, getPaid(t, session))
				if got := balance(t, session); got.Cmp(expected) != 0 {
					t.Errorf("balance %s, arithmetic gives %s", got.FloatString(9), expected.FloatString(9))
				}
				checkLedger(t, session, expected)
				rotate(t, session, agent)

				gone := agreed(t, session, "delete_agent", map[string]any{"agent": agent})
				if gone["deleted"] != true || fails(t, session, "get_agent", map[string]any{"agent": agent}) != "not_found" {
					t.Errorf("gone: %v", gone)
				}
			})
		}
	}
}

// bringUp creates a public agent and publishes what it offers.
func bringUp(t *testing.T, session *mcp.ClientSession) string {
	t.Helper()
	created := call(t, session, "create_agent", map[string]any{
		"name": "garden-guide", "instructions": "Advise on gardens.", "description": "Advises on pruning fruit trees", "is_public": true,
	})
	agent := created["agent"].(map[string]any)["id"].(string)
	if !strings.HasPrefix(created["api_key"].(string), "rok_") {
		t.Error("the new agent has no key")
	}
	call(t, session, "publish_intents", map[string]any{"agent": agent, "intents": []string{"prune a fruit tree"}})
	return agent
}

// find looks for the agent as others would.
func find(t *testing.T, session *mcp.ClientSession, agent string) {
	t.Helper()
	found := call(t, session, "search_agents", map[string]any{"query": "prune a fruit tree", "limit": 1})["agents"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["id"] != agent {
		t.Errorf("found %v", found)
	}
	intents := call(t, session, "list_agent_intents", map[string]any{"agent": "garden-guide"})["intents"].([]any)
	if !slices.ContainsFunc(intents, func(row any) bool { return row.(map[string]any)["intent"] == "prune a fruit tree" }) {
		t.Errorf("intents %v", intents)
	}
}

// consult asks another agent and gives what that costs.
func consult(t *testing.T, session *mcp.ClientSession) *big.Rat {
	t.Helper()
	answer := call(t, session, "chat_with_agent", map[string]any{"agent": "legal-translator", "message": "Translate the word pruning."})
	tokens := answer["prompt_tokens"].(float64) + answer["completion_tokens"].(float64)
	if answer["answer"] == "" || answer["agent_name"] != "legal-translator" || tokens == 0 {
		t.Errorf("answer %v", answer)
	}
	return new(big.Rat).Mul(rational(t, fmt.Sprint(tokens)), rational(t, creditsPerToken))
}

// getPaid holds a part of a customer's token, charges for the work, twice under one key, and gives the income.
func getPaid(t *testing.T, session *mcp.ClientSession) *big.Rat {
	t.Helper()
	lock := agreed(t, session, "lock_payment", map[string]any{"token": customersToken, "amount_usd": "1"})["lock_id"]
	agreed(t, session, "extend_payment_lock", map[string]any{"lock_id": lock, "amount_usd": "0.5"})
	charge := map[string]any{"lock_id": lock, "amount_usd": "1.25", "idempotency_key": "pruning-advice"}
	first, second := agreed(t, session, "settle_payment", charge), agreed(t, session, "settle_payment", charge)
	if first["charged_credits"] != "1.25" || first["replayed"] != false || second["replayed"] != true {
		t.Errorf("charged %v, then %v", first, second)
	}
	agreed(t, session, "settle_payment", map[string]any{"lock_id": lock, "release": true})
	if left := call(t, session, "verify_payment_token", map[string]any{"token": customersToken}); left["balance_credits"] != "3.25" {
		t.Errorf("the token holds %v", left)
	}
	return new(big.Rat).Mul(rational(t, "1.25"), rational(t, payeePart))
}

// checkLedger adds up every transaction there is.
func checkLedger(t *testing.T, session *mcp.ClientSession, expected *big.Rat) {
	t.Helper()
	sum := new(big.Rat)
	for cursor := ""; ; {
		page := call(t, session, "list_transactions", map[string]any{"limit": 3, "cursor": cursor})
		for _, row := range page["transactions"].([]any) {
			sum.Add(sum, rational(t, row.(map[string]any)["amount_credits"]))
		}
		if page["complete"] == true {
			break
		}
		cursor = page["next_cursor"].(string)
	}
	if sum.Cmp(expected) != 0 {
		t.Errorf("transactions come to %s, the balance is %s", sum.FloatString(9), expected.FloatString(9))
	}
}

// agreed calls a tool and agrees to what it says that it would do.
func agreed(t *testing.T, session *mcp.ClientSession, name string, arguments map[string]any) map[string]any {
	t.Helper()
	answer := call(t, session, name, arguments)
	if answer["status"] != "confirmation_required" {
		return answer
	}
	if answer["would"] == "" {
		t.Errorf("%s asks without saying for what: %v", name, answer)
	}
	again := maps.Clone(arguments)
	again["confirmation"] = answer["confirmation"]
	done := call(t, session, name, again)
	if done["status"] != "done" {
		t.Errorf("%s: %v", name, done)
	}
	return done
}

func rotate(t *testing.T, session *mcp.ClientSession, agent string) {
	t.Helper()
	before := agreed(t, session, "get_agent_api_key", map[string]any{"agent": agent})["api_key"]
	after := agreed(t, session, "regenerate_agent_api_key", map[string]any{"agent": agent})["api_key"]
	if before == after || after == "" {
		t.Errorf("the key was %v and is %v", before, after)
	}
}

func balance(t *testing.T, session *mcp.ClientSession) *big.Rat {
	t.Helper()
	return rational(t, call(t, session, "get_credits", nil)["available_credits"])
}

func rational(t *testing.T, text any) *big.Rat {
	t.Helper()
	value, ok := new(big.Rat).SetString(fmt.Sprint(text))
	if !ok {
		t.Fatalf("%v is no number", text)
	}
	return value
}

// fails calls a tool that fails, and gives the error's code.
func fails(t *testing.T, session *mcp.ClientSession, name string, arguments map[string]any) any {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil || !result.IsError {
		t.Fatalf("%s: %+v, %v", name, result, err)
	}
	meta, _ := result.Meta["robutler/error"].(map[string]any)
	return meta["code"]
}
