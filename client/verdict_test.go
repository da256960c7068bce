package client_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
)

// TestHalfAnAnswerDecidesNothing gives answers that say neither that a call was made nor that it was not. Of what cannot be
// undone none may be taken for either.
func TestHalfAnAnswerDecidesNothing(t *testing.T) {
	t.Parallel()
	guarded := []client.Class{client.Money, client.Secret, client.Delete}
	calls, classes := invocations(), classes()
	for _, test := range []struct {
		name   string
		status int
		body   string
		no     bool // it says that nothing was done
	}{
		{"an error after the charge", 200, `{"chargedDollars":1,"transactionId":"tx-1","error":"the receipt could not be mailed"}`, false},
		{"an error and no word on success", 200, `{"success":null,"error":"that name is taken","key":"my-name","token":"USDC"}`, false},
		{"pending and no word on success", 200, `{"success":null,"status":"pending","token":true,"key":[""]}`, false},
		{"an error alone", 200, `{"error":"x"}`, false},
		{"accepted", 202, `{"success":true}`, false},
		{"accepted without words", 202, ``, false},
		{"pending", 202, `{"success":true,"status":"pending"}`, false},
		{"pending by its word", 200, `{"status":"Pending","chargedDollars":1}`, false},
		{"no", 200, `{"success":false,"error":"x"}`, true},
		{"no, though accepted", 202, `{"success":false,"error":"x"}`, true},
		{"failed", 200, `{"status":"failed"}`, true},
	} {
		for _, operation := range client.Operations() {
			method := operation.Method
			if !slices.Contains(guarded, classes[method]) {
				continue
			}
			t.Run(test.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				c := serveJSON(t, func(r *http.Request) (int, string) {
					if r.Method == http.MethodGet { // what is looked up afterwards is still there
						return 200, `{"keys":[{"id":"k"},{"id":"a"}],"files":[{"id":"c"}],"id":"a","name":"a"}`
					}
					return test.status, test.body
				})
				err := calls[method](t.Context(), c)
				if err == nil || errors.Is(err, client.ErrOutcomeUnknown) == test.no || (test.no && !errors.Is(err, client.ErrRejected)) {
					t.Errorf("error = %v", err)
				}
			})
		}
	}
}

// TestAnErrorBesideIsARefusalOfTheRest: to repeat them does no harm.
func TestAnErrorBesideIsARefusalOfTheRest(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 202} {
		c := serveJSON(t, func(*http.Request) (int, string) { return status, `{"error":"quota"}` })
		for _, method := range []string{"Agents.Create", "Agents.List"} {
			if err := invocations()[method](t.Context(), c); !errors.Is(err, client.ErrRejected) || errors.Is(err, client.ErrOutcomeUnknown) {
				t.Errorf("%s, %d: %v", method, status, err)
			}
		}
	}
}

// TestWhatIsHandedOutIsNotLost: a lock that nobody has the id of cannot be released, and a token or key is shown once.
func TestWhatIsHandedOutIsNotLost(t *testing.T) {
	t.Parallel()
	for _, beside := range []string{`"status":"pending"`, `"error":"the balance is low"`} {
		for _, status := range []int{200, 202} {
			c := serveJSON(t, func(*http.Request) (int, string) {
				return status, `{"lockId":"l1","lockedAmountDollars":"0.5","token":"t1","tokenId":"t","amount":"0.5","id":"k","rawKey":"rok_1",` + beside + `}`
			})
			amount := decimal.RequireFromString("0.5")
			lock, err := c.Tokens.Lock(t.Context(), "x", amount)
			if err != nil || lock.ID != "l1" {
				t.Errorf("%d %s: %+v, %v", status, beside, lock, err)
			}
			token, err := c.Tokens.Delegate(t.Context(), client.DelegateParams{ParentToken: "x", DelegateTo: "a", AmountCredits: amount})
			if strings.Contains(beside, "error") {
				if token != nil || !errors.Is(err, client.ErrOutcomeUnknown) {
					t.Errorf("%d %s: a word was taken for a token: %+v, %v", status, beside, token, err)
				}
			} else if token == nil || token.Token != "t1" {
				t.Errorf("%d %s: %+v, %v", status, beside, token, err)
			}
			key, err := c.APIKeys.Create(t.Context(), "k")
			if err != nil || key.RawKey != "rok_1" {
				t.Errorf("%d %s: %+v, %v", status, beside, key, err)
			}
		}
	}
}

// TestAYesIsDone, whatever state beside it is on its way.
func TestAYesIsDone(t *testing.T) {
	t.Parallel()
	c := serveJSON(t, func(*http.Request) (int, string) {
		return 200, `{"success":true,"transactionHash":"h","status":"pending"}`
	})
	settled, err := c.Facilitator.Settle(t.Context(), "h", client.PaymentRequirements{Scheme: "exact", Network: "base", Asset: "USDC", MaxAmountRequired: "1"})
	if err != nil || settled.TransactionID != "h" {
		t.Errorf("%+v, %v", settled, err)
	}
}
