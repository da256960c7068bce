package client

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// FuzzMembers holds what takes JSON apart to encoding/json where it is valid, and to not breaking where it is not.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":{"c":["]}\"\\",{}]},"a":"\u0041\n","\u0062":null}`, `[1, "a,b]" ,{"x":[]}, [[]],-1.5e3,true ]`, ` { } `, `[]`,
		`{"a"`, `{"a":`, `{"a":1,`, `[1,`, `["`, `["\`, `{]`, `[:]`, `[,]`, `{"a":1 "b":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last := map[string]string{}
		for key, value := range members(data) {
			last[string(key)] = string(value)
		}
		items, isArray := elements(nil, data)
		if !json.Valid(data) {
			return
		}
		switch first := bytes.TrimSpace(data)[0]; first {
		case '{':
			var want map[string]json.RawMessage
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			got := map[string]json.RawMessage{}
			for key, value := range last {
				if clean, ok := plainString([]byte(`"` + key + `"`)); ok {
					key = clean // encoding/json replaces what is no text
				}
				got[key] = json.RawMessage(value)
			}
			if len(want) == len(last) && !reflect.DeepEqual(got, want) {
				t.Fatalf("%q came apart as %q, not %q", data, got, want)
			}
		case '[':
			var want []json.RawMessage
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			if !isArray || len(items) != len(want) {
				t.Fatalf("%q came apart as %q", data, items)
			}
			for i := range want {
				if !bytes.Equal(items[i], want[i]) {
					t.Fatalf("element %d of %q is %q", i, data, items[i])
				}
			}
		default:
			if isArray || len(last) > 0 {
				t.Fatalf("%q came apart", data)
			}
		}
	})
}

// An answer of 8 MiB of escapes would take minutes if each of them were searched from for the end of its text.
func TestEscapesAreReadOnce(t *testing.T) {
	t.Parallel()
	body := []byte(`{"agents":[{"id":"` + strings.Repeat(`\n`, 4<<20) + `"}]}`)
	var answer struct {
		Agents rows[Agent] `json:"agents"`
	}
	top, _ := checkedMembers(nil, body)
	if failed(top) {
		t.Error("it reports a failure")
	}
	if err := decodeAnswer(&operation{}, body, &answer); err != nil {
		t.Fatal(err)
	}
	if agents := answer.Agents.all(); len(agents) != 1 || len(agents[0].ID) != 4<<20 {
		t.Errorf("%d agents", len(agents))
	}
}

func TestNullIsNoAgent(t *testing.T) {
	t.Parallel()
	var answer struct {
		Agent Agent      `json:"agent"`
		Match AgentMatch `json:"match"`
	}
	if err := json.Unmarshal([]byte(`{"agent":null,"match":null}`), &answer); err != nil || answer.Agent.ID != "" {
		t.Errorf("%+v, %v", answer, err)
	}
	if err := json.Unmarshal([]byte(`[]`), &answer.Agent); err == nil {
		t.Error("a list is an agent")
	}
}

func TestTheNameItselfIsUnwrapped(t *testing.T) {
	t.Parallel()
	if got := string(unwrap([]byte(`{"agent":{"id":"1"},"Agent":null}`), "agent")); got != `{"id":"1"}` {
		t.Error(got)
	}
}

// A file is nothing but its bytes, unless all of it is a report of a failure.
func TestAFileOfSeveralObjectsIsNoFailure(t *testing.T) {
	t.Parallel()
	for body, refused := range map[string]bool{"{\"success\":false}\n{\"x\":1}\n": false, `{"error":"x"} trailing`: false, `{"success":false}`: true} {
		e := &exchange{operation: &operation{raw: true}, status: http.StatusOK, body: []byte(body)}
		if _, err := readAnswer(t.Context(), e, http.Header{"Content-Type": {"application/json"}}, ""); (err != nil) != refused {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// TestListsAreBounded reads a list of more rows than any platform gives.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	for _, count := range []int{maxElements, maxElements + 1} {
		of, ok := elements(nil, []byte("["+strings.Repeat("0,", count-1)+"0]"))
		if ok != (count == maxElements) || (ok && len(of) != count) {
			t.Errorf("%d rows: %d, %t", count, len(of), ok)
		}
	}
}
