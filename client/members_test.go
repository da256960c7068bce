package client

import (
	"bytes"
	"encoding/json"
	"reflect"
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
		items, isArray := elements(data)
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
