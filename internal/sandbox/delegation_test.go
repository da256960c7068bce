package sandbox

import (
	"fmt"
	"strings"
	"testing"
)

func TestDelegationPaysEverybodyOnTheWay(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	id, token := mintToken(t, p, "10", "")
	child := sendAs(t, p, p.UserKey(), "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"legal-translator","amount":4}`, token))
	grandchild := sendAs(t, p, payee, "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"contract-reviewer","amount":2}`, child.body["token"]))
	if child.status != 200 || grandchild.status != 200 || grandchild.body["amountCredits"] != 2.0 {
		t.Fatalf("%s %s", child.raw, grandchild.raw)
	}
	settled := sendAs(t, p, payee, "POST", "/api/payments/settle", fmt.Sprintf(`{"token":%q,"amount":1}`, grandchild.body["token"]))
	if settled.body["chargedDollars"] != 1.0 {
		t.Fatalf("settle: %s", settled.raw)
	}
	// Five percent for the platform, one for each of the two delegations: the demo user's and the payee's own.
	if got := creditsOfUser(t, p, payee); got != "0.94" {
		t.Errorf("the payee has %s", got)
	}
	if got := creditsOfUser(t, p, p.UserKey()); got != "77.4315" {
		t.Errorf("the payer has %s", got)
	}
	tree := sendAs(t, p, p.UserKey(), "GET", "/api/payments/tokens/"+id+"/tree", "")
	for _, part := range []string{`"remainingCredits":"6"`, `"budgetCredits":"4"`, `"remainingCredits":"1"`} {
		if !strings.Contains(string(tree.raw), part) {
			t.Errorf("tree lacks %s: %s", part, tree.raw)
		}
	}
	deep := fmt.Sprint(grandchild.body["token"])
	for range 3 {
		deep = fmt.Sprint(sendAs(t, p, payee, "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"legal-translator","amount":0.1}`, deep)).body["token"])
	}
	if over := sendAs(t, p, payee, "POST", "/api/payments/delegate", fmt.Sprintf(`{"parentToken":%q,"delegateTo":"legal-translator","amount":0.01}`, deep)); !strings.Contains(string(over.raw), "max_depth") {
		t.Errorf("too deep: %s", over.raw)
	}
	if gone := sendAs(t, p, p.UserKey(), "POST", "/api/user/tokens/cancel", fmt.Sprintf(`{"tokenId":%q}`, id)); gone.status != 200 {
		t.Errorf("cancel: %s", gone.raw)
	}
	if got := creditsOfUser(t, p, p.UserKey()); got != "86.4315" {
		t.Errorf("after canceling the payer has %s", got)
	}
	checkLedger(t, p)
}
