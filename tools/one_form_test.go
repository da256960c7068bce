package tools

import (
	"strings"
	"testing"
)

// TestOneForm respells requirements without asking for anything else.
func TestOneForm(t *testing.T) {
	t.Parallel()
	for _, spellings := range [][]string{
		{
			`{"scheme":"token","maxAmountRequired":"0.2","extra":{"a":1,"b":[1,2.50]}}`,
			` { "extra" : {"b":[1.0, 25e-1],"a":10E-1}, "maxAmountRequired" : 0.20, "scheme":"\u0074oken" } `,
			`{"maxAmountRequired":"00.200","scheme":"token","extra":{"b":[1,2.5],"a":1}}`,
		},
		{`{"amount":100}`, `{"amount":"100"}`, `{"amount":100.0}`, `{"amount":1e2}`},
		{`{"extra":[0,-0,0.0,0e9]}`, `{"extra":[0,0,0,0]}`},
		{`{"a":1,"A":2,"b":0}`, `{"b":0,"a":1,"A":2}`},
		{`{"a":"<&>\u2028/"}`, `{"a":"\u003c\u0026\u003e\u2028\/"}`},
		{`{"a":1e9999}`, `{"a":10e9998}`},
	} {
		for _, spelling := range spellings {
			got, want := requirementsInOneForm(spelling), requirementsInOneForm(spellings[0])
			if got != want || requirementsInOneForm(got) != got {
				t.Errorf("%s: %s, not %s", spelling, got, want)
			}
		}
	}
}

// TestOneFormTellsOthersApart changes requirements by the least.
func TestOneFormTellsOthersApart(t *testing.T) {
	t.Parallel()
	texts := []string{
		`{"amount":"0.2"}`, `{"amount":"0.20000000000000001"}`, `{"amount":0.200000000000000000000000000000001}`, `{"amount":"-0.2"}`,
		`{"amount":"2"}`, `{"amount":"20"}`, `{"maxAmountRequired":"0.2"}`, `{"amount":"0.2","amount":"0.3"}`, `{"amount":"0.3","amount":"0.2"}`,
		`{"amount":"0.2","Amount":"0.3"}`, `{"Amount":"0.3","amount":"0.2"}`, `{"amount":"0.2","unknown":1}`, `{"amount":"0.2","unknown":2}`,
		`{"amount":"0.2","unknown":9007199254740993}`, `{"amount":"0.2","unknown":9007199254740992}`, `{"amount":"0.2","unknown":null}`,
		`{"amount":"0.2","extra":{"amount":"0.2"}}`, `{"amount":"0.2","extra":{"amount":0.2}}`, `{"amount":"0.2","extra":[1,2]}`,
		`{"amount":"0.2","extra":[2,1]}`, `{"amount":"0.2","extra":[]}`, `{"amount":"0.2","extra":{}}`, `{"amount":"0.2","extra":"{}"}`,
		`{"amount":"0.2","extra":{"a":1},"b":2}`, `{"amount":"0.2","extra":{"a":1,"b":2}}`, `{"amount":"0.2","extra":true}`,
		`{"amount":"0.2","extra":"true"}`, `{"amount":1e99999999999}`, `{"amount":1e99999999998}`, `{"amount":"0.2"} {}`, `{"amount":`, ``,
	}
	seen := map[string]string{}
	for _, text := range texts {
		formed := requirementsInOneForm(text)
		if other, ok := seen[formed]; ok {
			t.Errorf("%s and %s are both %s", text, other, formed)
		}
		seen[formed] = text
	}
	if deep := strings.Repeat(`[`, 8000) + strings.Repeat(`]`, 8000); requirementsInOneForm(deep) != deep {
		t.Error("what nests deeply is another text")
	}
}
