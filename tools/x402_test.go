package tools_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// agreeing is a catalog before a platform that gives one answer to all that is sent, and some odd rates.
func agreeing(t *testing.T, answer string) (*tools.Catalog, *agreeingGate) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet {
			answer := `{"agent":{"id":"a1","name":"helper"},"exchangeRates":{"exact:base:USDC":{"rate":"1","fee":"0.02"},"exact:base:NONE":{},"exact:base:LESS":{"rate":"-1"}}}`
			_, _ = io.WriteString(w, answer)
			return
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	c, err := client.New(client.WithAPIKey("rok_x"), client.WithBaseURL(server.URL), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	gate := &agreeingGate{}
	catalog, err := tools.NewCatalog(tools.Platform{Client: c, Gate: gate, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return catalog, gate
}

func requiring(t *testing.T, scheme, network, asset, amount string) string {
	t.Helper()
	return encode(t, map[string]any{"payment_header": "e30=", "payment_requirements": map[string]any{
		"scheme": scheme, "network": network, "asset": asset, "maxAmountRequired": amount, "payTo": "x",
	}})
}

// TestSettlementsHoldToWhatWasShown answers settlements with charges of more and less than somebody agreed to.
func TestSettlementsHoldToWhatWasShown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ scheme, network, asset, amount, charged, shown, code string }{
		{"token", "robutler", "", "0.5", "0.5", "0.5", ""},
		{"token", "robutler", "", "0.5", "500", "0.5", tools.CodeAmountMismatch},
		{"robutler-credits", "robutler:1", "credits", "500000000", "0.5", "0.5", ""},
		{"robutler-credits", "robutler:1", "credits", "500000000", "500", "0.5", tools.CodeAmountMismatch},
		{"exact", "base", "USDC", "0.5", "0.49", "0.5", ""},
		{"exact", "base", "", "0.5", "0.49", "0.5", ""}, // it has one rate for that
		{"exact", "", "", "0.5", "0.49", "", tools.CodeInvalidArgument},
		{"exact", "base", "usdc", "0.5", "0.50000000001", "0.5", ""},
		{"exact", "base", "USDC", "0.5", "500", "0.5", tools.CodeAmountMismatch},
		{"exact", "base", "NONE", "500", "500", "", tools.CodeInvalidArgument},
		{"exact", "base", "LESS", "500", "500", "", tools.CodeInvalidArgument},
		{"token", "base", "USDC", "0.5", "500", "", tools.CodeInvalidArgument},
		{"robutler-credits", "robutler", "credits", "5", "5", "", tools.CodeInvalidArgument},
	} {
		catalog, gate := agreeing(t, `{"success":true,"chargedDollars":`+test.charged+`}`)
		settled, err := call(t, catalog, "settle_x402_payment", requiring(t, test.scheme, test.network, test.asset, test.amount))
		shown := ""
		if gate.shown.CostCredits != nil {
			shown = gate.shown.CostCredits.String()
		}
		if shown != test.shown || (err == nil) != (test.code == "") || (err == nil && settled["charged_credits"] != test.charged) {
			t.Errorf("%+v: shown %q, %v, %v", test, shown, settled, err)
		}
		if err == nil {
			continue
		}
		told := tools.Explain(err)
		if told.Code != test.code || told.Retryable || (test.shown == "" && !strings.Contains(told.Message+told.NextStep, "get_exchange_rates") && test.network != "") ||
			(test.shown != "" && !strings.Contains(told.Message, "500 where 0.5")) {
			t.Errorf("%+v: %+v", test, told)
		}
		checkErrorText(t, test.asset, told)
	}
}

// TestWhatWasMadeIsNotThrownAway answers with other amounts, or none, where something was made that is shown once or has
// to be released.
func TestWhatWasMadeIsNotThrownAway(t *testing.T) {
	t.Parallel()
	exchange := strings.TrimSuffix(requiring(t, "exact", "base", "USDC", "0.25"), "}") + `,"amount_usd":"0.25"}`
	for _, test := range []struct{ tool, arguments, answer, member, value, amount, moved string }{
		{"lock_payment", `{"token":"t","amount_usd":"0.25"}`, `"lockId":"l9","lockedAmountDollars":0.3`, "lock_id", "l9", "held_credits", "0.3"},
		{"lock_payment", `{"token":"t","amount_usd":"0.25"}`, `"lockId":"l9"`, "lock_id", "l9", "held_credits", ""},
		{"extend_payment_lock", `{"lock_id":"l9","amount_usd":"0.25"}`, `"newAmountDollars":0.1`, "lock_id", "l9", "held_credits", "0.1"},
		{"delegate_payment_token", `{"token":"t","recipient":"a1","amount_usd":"0.25"}`, `"token":"n-9","tokenId":"i-9","amountCredits":0.3`, "token", "n-9", "amount_credits", "0.3"},
		{"delegate_payment_token", `{"token":"t","recipient":"a1","amount_usd":"0.25"}`, `"token":"n-9","tokenId":"i-9"`, "token", "n-9", "amount_credits", ""},
		{"exchange_x402_payment", exchange, `"token":"n-9","amount":"0.3"`, "token", "n-9", "amount_credits", "0.3"},
		{"exchange_x402_payment", exchange, `"token":"n-9"`, "token", "n-9", "amount_credits", ""},
	} {
		catalog, _ := agreeing(t, `{"success":true,"valid":true,"balance":5,`+test.answer+`}`)
		tool, err := catalog.Find(test.tool)
		if err != nil {
			t.Fatal(err)
		}
		result, err := tool.Call(t.Context(), json.RawMessage(test.arguments))
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		checkSchema(t, tool, result.Structured)
		var made map[string]any
		if err := json.Unmarshal(result.Structured, &made); err != nil {
			t.Fatal(err)
		}
		warning, _ := made["warning"].(string)
		amount, _ := made[test.amount].(string)
		if made["status"] != tools.StatusDone || made[test.member] != test.value || amount != test.moved || !strings.Contains(warning, "Do not repeat it") ||
			(test.moved != "" && (!strings.Contains(warning, test.moved) || !strings.Contains(warning, "0.25"))) {
			t.Errorf("%+v: %s", test, result.Structured)
		}
		moved := ""
		if result.MovedCredits != nil {
			moved = result.MovedCredits.String()
		}
		if moved != test.moved {
			t.Errorf("%+v: moved %q", test, moved)
		}
		if result.Kept == nil {
			continue
		}
		checkSchema(t, tool, result.Kept)
		if kept := string(result.Kept); strings.Contains(kept, "-9") || !strings.Contains(kept, "Do not repeat it") {
			t.Errorf("%+v keeps %s", test, kept)
		}
	}
}
