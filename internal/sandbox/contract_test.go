package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/contract"
)

// TestContract replays every case against the generation that it is about, and compares the answer with the one that the
// platform's description gives.
func TestContract(t *testing.T) {
	t.Parallel()
	cases, err := contract.Cases()
	if err != nil || len(cases) < 50 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := Options{Profile: map[int]Profile{2025: Profile2025, 2026: Profile2026}[c.Generation]}
			saved := map[string]string{}
			if len(c.Setup) > 0 {
				options.Database = database(t)
				prepare(t, open(t, Options{Database: options.Database}), c.Setup, saved)
			}
			got := replay(t, open(t, options), c.Request, saved)
			if got.status != c.Response.Status {
				t.Fatalf("%d %s", got.status, got.raw)
			}
			var shape any
			if err := json.Unmarshal(c.Response.Body, &shape); err != nil {
				t.Fatal(err)
			}
			if fault := misfit("", shape, any(got.body)); fault != "" {
				t.Errorf("%s in %s", fault, got.raw)
			}
			for _, path := range c.Response.Exact {
				if want, is := member(shape, path), member(any(got.body), path); !sameValue(want, is) {
					t.Errorf("%s is %s, not %s, in %s", path, is, want, got.raw)
				}
			}
		})
	}
}

// TestContractTellsValuesApart guards the comparison itself.
func TestContractTellsValuesApart(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{`{"success":true}`, `{"success":false}`}, {`{"a":[{"b":false}]}`, `{"a":[{"b":true}]}`}, {`{"a":true}`, `{"a":"true"}`}, {`{"a":1}`, `{}`},
	} {
		var want, got any
		if json.Unmarshal([]byte(pair[0]), &want) != nil || json.Unmarshal([]byte(pair[1]), &got) != nil || misfit("", want, got) == "" {
			t.Errorf("%s passes for %s", pair[1], pair[0])
		}
	}
	for _, pair := range [][2]string{{"1", "1.0"}, {"9.80", "9.8"}, {"1000000000", "1e+09"}, {"a", "a"}} {
		if !sameValue(pair[0], pair[1]) {
			t.Errorf("%s is not %s", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"1", "2"}, {"1", "a"}, {"a", "b"}, {"<nil>", "0"}} {
		if sameValue(pair[0], pair[1]) {
			t.Errorf("%s is %s", pair[0], pair[1])
		}
	}
}

// prepare makes what a case needs on a platform that serves both generations.
func prepare(t *testing.T, p *Platform, steps []contract.Request, saved map[string]string) {
	t.Helper()
	for _, step := range steps {
		got := replay(t, p, step, saved)
		if got.status != 200 {
			t.Fatalf("setup: %d %s", got.status, got.raw)
		}
		for as, path := range step.Save {
			saved[as] = member(got.body, path)
		}
	}
}

func replay(t *testing.T, p *Platform, step contract.Request, saved map[string]string) answer {
	t.Helper()
	fill := func(text string) string {
		for name, value := range saved {
			paid := fmt.Sprintf(`{"scheme":"token","network":"robutler","payload":{"token":%q,"amount":"1"}}`, value)
			text = strings.ReplaceAll(text, "${payment:"+name+"}", base64.StdEncoding.EncodeToString([]byte(paid)))
			text = strings.ReplaceAll(text, "${"+name+"}", value)
		}
		return text
	}
	if step.Upload != "" {
		return uploadFile(t, p, p.UserKey(), "/api"+fill(step.Path), "f.txt", step.Upload, map[string]string{"visibility": "private"})
	}
	return send(t, p, p.UserKey(), step.Method, "/api"+fill(step.Path), "application/json", fill(string(bytes.TrimSpace(step.Body))))
}

// member reads a member by a dotted path.
func member(body any, path string) string {
	for part := range strings.SplitSeq(path, ".") {
		switch container := body.(type) {
		case map[string]any:
			body = container[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(container) {
				return "absent"
			}
			body = container[i]
		}
	}
	return fmt.Sprint(body)
}

// sameValue compares two members, amounts by their value.
func sameValue(want, got string) bool {
	wanted, ok := new(big.Rat).SetString(want)
	is, also := new(big.Rat).SetString(got)
	return want == got || (ok && also && wanted.Cmp(is) == 0)
}

// misfit says where an answer lacks a member of the shape, or has one of another type, or says no for yes.
func misfit(at string, shape, got any) string {
	switch want := shape.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return at + " is no object"
		}
		for name, inner := range want {
			value, present := object[name]
			if !present {
				return at + "." + name + " is missing"
			}
			if fault := misfit(at+"."+name, inner, value); fault != "" {
				return fault
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || (len(want) > 0 && len(list) == 0) {
			return at + " is no list with rows"
		}
		if len(want) == 0 {
			return ""
		}
		return misfit(at+"[0]", want[0], list[0])
	default:
		if shape != nil && fmt.Sprintf("%T", shape) != fmt.Sprintf("%T", got) {
			return fmt.Sprintf("%s is %T, not %T", at, got, shape)
		}
		if yes, ok := shape.(bool); ok && yes != got {
			return fmt.Sprintf("%s is %v", at, got)
		}
		return ""
	}
}
