package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestNobodyDecidesWhatOthersSee: a bearer is what its sender likes, such as the name of a member or the id of a thing of
// somebody else.
func TestNobodyDecidesWhatOthersSee(t *testing.T) {
	t.Parallel()
	p := startPlatform(t)
	base, _ := startServer(t, p, "passthrough")
	alice := connect(t, base, "legacy", p.alice)
	own := alice.setUp()
	for _, bearer := range []string{"available_credits", own.key, p.alice.canary} {
		stranger := connect(t, base, "modern", &user{name: "a stranger", canary: "canary-of-a-stranger", bearer: bearer})
		if refused := stranger.call("get_credits", map[string]any{}); refused.failure.Code != "auth_invalid" {
			t.Errorf("%s: %+v", bearer, refused.failure)
		}
	}
	if credits := alice.call("get_credits", map[string]any{}); credits.text("available_credits") == "" {
		t.Errorf("alice has %v", credits.Structured)
	}
	asked := alice.call("delete_api_key", map[string]any{"key_id": own.key})
	if would, err := json.Marshal(asked.Structured); err != nil || asked.text("status") != "confirmation_required" ||
		!strings.Contains(string(would), own.key) || !strings.Contains(string(would), p.alice.canary) {
		t.Errorf("alice would do %s", would)
	}
	if deleted := alice.do("delete_api_key", map[string]any{"key_id": own.key}); deleted.IsError {
		t.Errorf("%+v", deleted.failure)
	}
	if strings.Contains(alice.saw(), "[redacted]") {
		t.Errorf("alice was sent %s", alice.saw())
	}
}

// TestNobodyCensorsTheLog, whatever they send as a secret.
func TestNobodyCensorsTheLog(t *testing.T) {
	t.Parallel()
	p := startPlatform(t)
	base, printed := startServer(t, p, "passthrough")
	alice := connect(t, base, "legacy", p.alice)
	for _, token := range []string{"a caller was refused", "tool called", "verify_payment_token", "validate token", "there is no Authorization header"} {
		alice.call("verify_payment_token", map[string]any{"token": token})
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, base+"/mcp", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := alice.web.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	for _, want := range []string{`msg="a caller was refused"`, `reason="there is no Authorization header with a bearer"`, `msg="tool called" tool=verify_payment_token`} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("%s is not in the log", want)
		}
	}
	if log := printed.String(); strings.Contains(log, "[redacted]") {
		t.Errorf("the log: %s", log)
	}
}
