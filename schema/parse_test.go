package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/schema"
)

type free struct {
	A json.RawMessage `json:"a,omitempty"`
}

func TestUnreadableArguments(t *testing.T) {
	t.Parallel()
	const half = `half a character`
	for given, want := range map[string]string{
		`{"a":"\ud83d"}`:                        half,
		`{"a":"\ude00 "}`:                       half,
		`{"a":"\ud83d\\ude00"}`:                 half,
		`{"a":"\ud83dx"}`:                       half,
		`{"a":"\ud83d\u0041"}`:                  half,
		`{"\ud83d":1}`:                          half,
		`{"a":{"b":1,"b":2}}`:                   `"b" is given twice`,
		`{"a":1,"\u0061":2}`:                    `"a" is given twice`,
		`{"a":[{"b":{"c":[1,{"d":1,"d":2}]}}]}`: `"d" is given twice`,
		`"{\"a\":1,\"a\":2}"`:                   `"a" is given twice`,
		`"{\"a\":"`:                             `not valid JSON`,
		`{"a":1,}`:                              `not valid JSON`,
		`{"a":01}`:                              `not valid JSON`,
		"\u00a0":                                `not valid JSON`,
		`{"a":"\x"}`:                            `not valid JSON`,
		`""`:                                    `must be an object, got the text ""`,
		`"null"`:                                `must be an object, got the text "null"`,
		`"[1]"`:                                 `must be an object, got the text "[1]"`,
		`true`:                                  `must be an object, got true`,
	} {
		if got := refusal[free](t, given); !strings.Contains(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", given, got, want)
		}
	}
	for given, want := range map[string]string{
		`{"a":"\ud83d\ude00"}`: `"` + "\U0001F600" + `"`, `{"a":"\\ud83d"}`: `"\\ud83d"`, `{"a":"\"\/\u00e9"}`: `"\"/` + "\u00e9" + `"`,
		" { \"a\" :\t[ 1 , [ ] , { } ,\r\n-1.5e+3 , false , null ] } ": `[1,[],{},-1.5e+3,false,null]`,
		"null": "", " \n": "", "": "", `{}`: "", `"{\"a\":1}"`: "1", `" {} "`: "",
	} {
		got, err := schema.Bind[free](must[free](t), json.RawMessage(given))
		if err != nil || string(got.A) != want {
			t.Errorf("%s = %s, want %s (%v)", given, got.A, want, err)
		}
	}
}

// TestHostileCallsAreCheap gives exponents that would fill the memory, and names and items by the hundred thousand.
func TestHostileCallsAreCheap(t *testing.T) {
	t.Parallel()
	s := must[everything](t)
	var names, items strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&names, `"count%d":1,`, i)
		items.WriteString(`"x",`)
	}
	start := time.Now()
	for _, given := range []string{
		`{"ratio":1e-999999999}`, `{"ratio":1e999999999}`, `{"count":0e999999999}`, `{"count":0e-999999999}`, `{"count":"1e999999"}`,
		`{` + names.String() + `"z":1}`, `{"kinds":[` + items.String() + `"a"]}`, `{"grid":[` + items.String() + `[]]}`,
	} {
		_, err := schema.Bind[everything](s, json.RawMessage(given))
		if err == nil || len(err.Error()) > 1600 || len(faultsOf(err)) > 1001 {
			t.Errorf("%.40s: %v", given, err)
		}
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// FuzzParse holds the reader to encoding/json: both take the same calls, and read the same values.
func FuzzParse(f *testing.F) {
	s := must[free](f)
	for _, seed := range []string{`{"a":[1,{"b":"\u00e9\ud83d\ude00"},null,-1e5]}`, `{"a":""}`, `{"a" : {}}`, `{"a":1,"a":2}`, ` [`, `{"a":"\\\""}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := schema.Bind[free](s, data)
		var want struct {
			A any `json:"a"`
		}
		if err != nil {
			return
		}
		if text := strings.Trim(string(data), " \t\r\n"); text == "" || text[0] == '"' {
			return // what encoding/json does not take for a call
		}
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("%q is taken, but: %v", data, err)
		}
		var read any
		if got.A != nil {
			if err := json.Unmarshal(got.A, &read); err != nil {
				t.Fatalf("%q gives %q: %v", data, got.A, err)
			}
		}
		if fmt.Sprint(read) != fmt.Sprint(want.A) {
			t.Fatalf("%q gives %v, not %v", data, read, want.A)
		}
	})
}
