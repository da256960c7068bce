package tools_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// with adds an argument to a tool's example.
func with(t *testing.T, tool tools.Tool, name string, value any) string {
	t.Helper()
	arguments := map[string]any{}
	if err := json.Unmarshal([]byte(tool.Example), &arguments); err != nil {
		t.Fatal(err)
	}
	arguments[name] = value
	return encode(t, arguments)
}

// TestDryRunsChangeNothing tries every tool that changes something, and looks at what the platform holds.
func TestDryRunsChangeNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sandbox.db")
	s := newStageOn(t, path)
	watched := observe(t, path)
	mustCall(t, s, "get_user", `{}`) // notes when the key was used
	before := watched.state(t)
	for _, tool := range s.catalog.Tools() {
		if tool.Class == client.Read {
			continue
		}
		found := mustCall(t, s, tool.Name, with(t, tool, "dry_run", true))
		if found["status"] != tools.StatusDryRun || found["would"] == "" || !strings.Contains(found["next_step"].(string), "Nothing has been done") {
			t.Errorf("%s: %v", tool.Name, found)
		}
		if money := tool.Class == client.Money; money != (found["cost_credits"] != nil) {
			t.Errorf("%s: costs %v", tool.Name, found["cost_credits"])
		}
		for _, secret := range []string{seededToken, "eyJ", "rok_"} {
			if strings.Contains(encode(t, found), secret) {
				t.Errorf("%s shows %s: %v", tool.Name, secret, found)
			}
		}
	}
	if watched.state(t) != before {
		t.Error("a dry run changed the platform")
	}
}

// fakeGate notes what it is given, and answers as it is told.
type fakeGate struct {
	calls   []tools.GatedCall
	pending *tools.Confirmation
}

func (g *fakeGate) Pass(ctx context.Context, call tools.GatedCall) (tools.Result, error) {
	g.calls = append(g.calls, call)
	if g.pending != nil {
		return tools.Result{Pending: g.pending}, nil
	}
	return call.Do(ctx)
}

func gated(t *testing.T, gate tools.Gate) *stage {
	t.Helper()
	s := newStage(t)
	c, err := client.New(client.WithAPIKey(s.key), client.WithBaseURL(s.base), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	if s.catalog, err = tools.NewCatalog(tools.Platform{Client: c, Gate: gate, Now: noon}); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGateSeesEveryChange holds every tool that changes something to the gate, and every other to going past it.
func TestGateSeesEveryChange(t *testing.T) {
	t.Parallel()
	gate := &fakeGate{pending: &tools.Confirmation{
		Preview: tools.Preview{Would: "Do it."}, Handle: "handle-1", ExpiresAt: noon().Add(time.Minute), DuplicateOf: noon(),
	}}
	s := gated(t, gate)
	for _, tool := range s.catalog.Tools() {
		gate.calls = nil
		result := mustCall(t, s, tool.Name, tool.Example)
		if tool.Class == client.Read {
			if len(gate.calls) > 0 {
				t.Errorf("%s is a read and went through the gate", tool.Name)
			}
			continue
		}
		if len(gate.calls) != 1 || gate.calls[0].Spec.Name != tool.Name || result["status"] != tools.StatusConfirmationRequired ||
			result["confirmation"] != "handle-1" || result["would"] != "Do it." || result["possible_duplicate_of"] == nil {
			t.Errorf("%s: %v", tool.Name, result)
		}
		if preview, err := gate.calls[0].Preview(t.Context()); err != nil || preview.Would == "" {
			t.Errorf("%s: %+v, %v", tool.Name, preview, err)
		}
	}
}

// TestArgumentsHaveOneForm gives the gate the same call in several spellings.
func TestArgumentsHaveOneForm(t *testing.T) {
	t.Parallel()
	gate := &fakeGate{pending: &tools.Confirmation{}}
	s := gated(t, gate)
	for _, arguments := range []string{
		`{"token":"t","recipient":"a","amount_usd":"0.50"}`, `{"amount_usd":0.5,"recipient":"a","token":"t"}`,
		`{"amount_usd":"0.5","recipient":"a","token":"t","confirmation":"h","dry_run":false}`, `"{\"token\":\"t\",\"recipient\":\"a\",\"amount_usd\":\"00.5\"}"`,
	} {
		mustCall(t, s, "delegate_payment_token", arguments)
	}
	mustCall(t, s, "delegate_payment_token", `{"token":"t","recipient":"a","amount_usd":"0.51"}`)
	for i, call := range gate.calls[:4] {
		if string(call.Arguments) != string(gate.calls[0].Arguments) {
			t.Errorf("%d: %s, not %s", i, call.Arguments, gate.calls[0].Arguments)
		}
	}
	if gate.calls[2].Confirmation != "h" || gate.calls[0].Confirmation != "" || string(gate.calls[4].Arguments) == string(gate.calls[0].Arguments) {
		t.Errorf("calls %+v", gate.calls)
	}
}

// TestRequirementsHaveOneForm gives the gate the same payment in several spellings, and looks at what is sent.
func TestRequirementsHaveOneForm(t *testing.T) {
	t.Parallel()
	gate := &fakeGate{pending: &tools.Confirmation{}}
	s := gated(t, gate)
	spellings := []string{
		`{"scheme":"token","network":"robutler","maxAmountRequired":"0.2","payTo":"recipe-muse","nonce":9007199254740993}`,
		`{"payTo":"recipe-muse","nonce":9007199254740993,"network":"robutler","scheme":"token","maxAmountRequired":0.20}`,
		`{"scheme":"token","network":"robutler","maxAmountRequired":"0.2","payTo":"recipe-muse","nonce":9007199254740992}`,
	}
	for _, name := range []string{"settle_x402_payment", "exchange_x402_payment"} {
		gate.calls = nil
		for _, spelling := range spellings {
			mustCall(t, s, name, with(t, s.find(t, name), "payment_requirements", spelling))
		}
		one, two, other := gate.calls[0], gate.calls[1], gate.calls[2]
		if string(one.Arguments) != string(two.Arguments) || string(one.Arguments) == string(other.Arguments) {
			t.Errorf("%s: %s, %s and %s", name, one.Arguments, two.Arguments, other.Arguments)
		}
		for i, call := range gate.calls { // journals of earlier versions have the digest of this
			if !strings.Contains(string(call.Written), strings.Trim(encode(t, spellings[i]), `"`)) {
				t.Errorf("%s: %s", name, call.Written)
			}
		}
	}
}

// TestReferencesAreNamed holds what is about an agent, and is no mistake only once, to saying which argument names it.
func TestReferencesAreNamed(t *testing.T) {
	t.Parallel()
	gate := &fakeGate{pending: &tools.Confirmation{}}
	s := gated(t, gate)
	for _, tool := range s.catalog.Tools() {
		if tool.Class != client.Money && tool.Class != client.Secret {
			continue
		}
		gate.calls = nil
		mustCall(t, s, tool.Name, tool.Example)
		var given map[string]any
		if err := json.Unmarshal(gate.calls[0].Arguments, &given); err != nil {
			t.Fatal(err)
		}
		reference := gate.calls[0].Reference
		_, named := given[reference]
		if about := given["agent"] != nil || given["recipient"] != nil; about != (reference != "") || named != about {
			t.Errorf("%s: %q names what %v is about", tool.Name, reference, given)
		}
	}
}

// TestSecretsAreNotKept looks for secrets in what may be stored of a result.
func TestSecretsAreNotKept(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, member := range map[string]string{
		"create_agent": "api_key", "create_api_key": "api_key", "regenerate_agent_api_key": "api_key",
		"delegate_payment_token": "token", "exchange_x402_payment": "token",
	} {
		tool := s.find(t, name)
		result, err := tool.Call(t.Context(), json.RawMessage(tool.Example))
		if err != nil {
			t.Fatal(err)
		}
		var shown map[string]any
		if err := json.Unmarshal(result.Structured, &shown); err != nil || shown[member] == "" {
			t.Fatalf("%s: %s", name, result.Structured)
		}
		if result.Kept == nil || strings.Contains(string(result.Kept), shown[member].(string)) || !strings.Contains(string(result.Kept), "not kept") {
			t.Errorf("%s keeps %s", name, result.Kept)
		}
		checkSchema(t, tool, result.Kept)
	}
}

// TestBadAmounts offers what looks like an amount and is none.
func TestBadAmounts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	literals := []string{
		"", " ", "0x1", "1e3", "1E3", "1e-3", "+1", "-1", "-0", "−1", "1-", "1.", ".5", "1..0", "1.0.0", "1,5", "1.000,00", "1,000.00", "1 000", " 1", "1 ",
		"1\t", "1\n", "\u00a01", "1\u200b", "１", "٣", "১", "Ⅷ", "½", "1/2", "NaN", "nan", "Inf", "-Inf", "Infinity", "null", "true", "one", "$1", "1$", "€1",
		"1 USD", "1usd", "0.0000000001", "1.1234567890", "1234567890", "99999999999999999999", "1_000", "0b1", "0o7", "1f", "1d", "1.0e0", "{}", "[]",
		"1;2", "1'", "1\"", "1\\", "1%", "1\u0000", "1\u202e2",
	}
	if len(literals) < 60 {
		t.Fatalf("%d literals", len(literals))
	}
	for _, literal := range literals {
		_, err := s.call(t, "lock_payment", encode(t, map[string]any{"token": seededToken, "amount_usd": literal}))
		if told := tools.Explain(err); told.Code != tools.CodeInvalidArgument || !strings.Contains(told.Message, "amount_usd") || !strings.Contains(told.Message, "0.05") {
			t.Errorf("%q: %+v", literal, told)
		}
	}
	for _, raw := range []string{"1e3", "1E-3", "-1", "1e400", "0.0000000001"} {
		if _, err := s.call(t, "lock_payment", `{"token":"`+seededToken+`","amount_usd":`+raw+`}`); tools.Explain(err).Code != tools.CodeInvalidArgument {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if asked := s.requests(); len(asked) > 0 {
		t.Errorf("sent %v", asked)
	}
}
