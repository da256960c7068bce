package client_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

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
		{"an error alone", 200, `{"error":"x"}`, false},
		{"accepted", 202, `{"success":true}`, false},
		{"accepted without words", 202, ``, false},
		{"pending", 202, `{"success":true,"status":"pending"}`, false},
		{"pending by its word", 200, `{"success":true,"status":"Pending","chargedDollars":1}`, false},
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
