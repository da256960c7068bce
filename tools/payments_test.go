package tools_test

import (
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

const seededToken = "e687a3cb-07e6-5515-921a-7a341ea8858e"

// TestPaymentsAddUp walks a token through every tool and holds its balance to arithmetic.
func TestPaymentsAddUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	balance := func(want string) {
		t.Helper()
		if got := mustCall(t, s, "verify_payment_token", encode(t, map[string]any{"token": seededToken})); got["balance_credits"] != want || got["valid"] != true {
			t.Errorf("balance %v, want %s", got, want)
		}
	}
	balance("4.5")
	lock := mustCall(t, s, "lock_payment", encode(t, map[string]any{"token": seededToken, "amount_usd": 1.25}))
	balance("3.25")
	if more := mustCall(t, s, "extend_payment_lock", encode(t, map[string]any{"lock_id": lock["lock_id"], "amount_usd": "0.25"})); more["held_credits"] != "1.5" {
		t.Errorf("extended: %v", more)
	}
	balance("3")
	charge := map[string]any{"lock_id": lock["lock_id"], "amount_usd": "0.5", "charge_type": "agent_fee", "idempotency_key": "k1"}
	first := mustCall(t, s, "settle_payment", encode(t, charge))
	again := mustCall(t, s, "settle_payment", encode(t, charge))
	if first["charged_credits"] != "0.5" || first["replayed"] != false || again["charged_credits"] != "0.5" || again["replayed"] != true {
		t.Errorf("settled %v, then %v", first, again)
	}
	mustCall(t, s, "settle_payment", encode(t, map[string]any{"lock_id": lock["lock_id"], "release": true}))
	balance("4")
	if redeemed := mustCall(t, s, "redeem_payment_token", encode(t, map[string]any{"token": seededToken, "amount_usd": "1"})); redeemed["redeemed_credits"] != "1" {
		t.Errorf("redeemed: %v", redeemed)
	}
	balance("3")
	handed := mustCall(t, s, "delegate_payment_token", encode(t, map[string]any{"token": seededToken, "recipient": "legal-translator", "amount_usd": "2"}))
	balance("1")
	child := mustCall(t, s, "verify_payment_token", encode(t, map[string]any{"token": handed["token"]}))
	if child["balance_credits"] != "2" || !strings.Contains(handed["notice"].(string), "recipient alone") {
		t.Errorf("handed on: %v, %v", handed, child)
	}
}

// TestBadPayments sends nothing when an argument is at fault, and tells all faults at once.
func TestBadPayments(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for arguments, parts := range map[string][]string{
		`{}`: {"lock_id", "amount_usd"},
		`{"lock_id":"a","token":"b","amount_usd":"1","release":true}`:     {"lock_id", "release"},
		`{"lock_id":"a","amount_usd":"1e3"}`:                              {"amount_usd"},
		`{"lock_id":"a","amount_usd":"0","charge_type":"fee"}`:            {`"amount_usd" must be more than 0`, "charge_type"},
		`{"lock_id":"a","amount_usd":"-1","charge_type":"fee"}`:           {"amount_usd", "charge_type", "platform_fee"},
		`{"lock_id":"a","amount_usd":"0.0000000001"}`:                     {"amount_usd"},
		`{"lock_id":"a","amount_usd":"1","idempotency_key":"has spaces"}`: {"idempotency_key"},
		`{"lock_id":"a","amount":"1"}`:                                    {"amount_usd"},
	} {
		_, err := s.call(t, "settle_payment", arguments)
		told := tools.Explain(err)
		for _, part := range parts {
			if told.Code != tools.CodeInvalidArgument || !strings.Contains(told.Message, part) {
				t.Errorf("%s: %+v lacks %s", arguments, told, part)
			}
		}
	}
	for _, name := range []string{"lock_payment", "extend_payment_lock", "settle_payment", "redeem_payment_token", "delegate_payment_token", "exchange_x402_payment"} {
		for _, nothing := range []any{0, "0.000000000"} {
			_, err := s.call(t, name, with(t, s.find(t, name), "amount_usd", nothing))
			if told := tools.Explain(err); told.Code != tools.CodeInvalidArgument || !strings.Contains(told.Message, `"amount_usd" must be more than 0`) {
				t.Errorf("%s %v: %+v", name, nothing, told)
			}
		}
	}
	if asked := s.requests(); len(asked) > 0 {
		t.Errorf("sent %v", asked)
	}
	_, err := s.call(t, "lock_payment", encode(t, map[string]any{"token": seededToken, "amount_usd": "100"}))
	if told := tools.Explain(err); told.Code == tools.CodeInternal || told.Retryable || !strings.Contains(told.PlatformSaid, "available") {
		t.Errorf("too much: %+v", told)
	}
}

func TestFacilitatorReadsRequirements(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	header := exampleOf(t, s, "verify_x402_payment")["payment_header"]
	required := map[string]any{"scheme": "token", "network": "robutler", "payTo": "recipe-muse", "maxAmountRequired": 0.2, "extra": map[string]any{"a": 1}}
	for _, form := range []any{required, encode(t, required)} { // models send the object as well as its text
		if got := mustCall(t, s, "verify_x402_payment", encode(t, map[string]any{"payment_header": header, "payment_requirements": form})); got["valid"] != true {
			t.Errorf("verdict = %v", got)
		}
	}
	settled := mustCall(t, s, "settle_x402_payment", encode(t, map[string]any{"payment_header": header, "payment_requirements": required}))
	if settled["charged_credits"] != "0.2" {
		t.Errorf("settled = %v", settled)
	}
	for form, parts := range map[string][]string{
		`"nonsense"`: {"payment_requirements"}, `"{\"scheme\":"`: {"not the JSON object"},
		`{"scheme":"token"}`: {"lacks the member network", "payTo", "maxAmountRequired"}, `[]`: {"payment_requirements"},
	} {
		_, err := s.call(t, "verify_x402_payment", `{"payment_header":"x","payment_requirements":`+form+`}`)
		for _, part := range parts {
			if told := tools.Explain(err); told.Code != tools.CodeInvalidArgument || !strings.Contains(told.Message, part) {
				t.Errorf("%s: %+v lacks %q", form, told, part)
			}
		}
	}
	refused := mustCall(t, s, "verify_x402_payment", encode(t, map[string]any{"payment_header": "bm9uc2Vuc2U=", "payment_requirements": required}))
	if refused["valid"] != false || refused["reason"] == nil {
		t.Errorf("a bad header: %v", refused)
	}
	bought := mustCall(t, s, "exchange_x402_payment", s.find(t, "exchange_x402_payment").Example)
	if verified := mustCall(t, s, "verify_payment_token", encode(t, map[string]any{"token": bought["token"]})); verified["balance_credits"] != "0.98" {
		t.Errorf("bought %v, which holds %v", bought, verified)
	}
}
