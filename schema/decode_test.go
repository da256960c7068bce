package schema_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/schema"
)

func faultsOf(err error) []schema.Fault {
	refused, ok := errors.AsType[*schema.ArgumentError](err)
	if !ok {
		return nil
	}
	return refused.Faults
}

func refusal[T any](t *testing.T, given string) string {
	t.Helper()
	_, err := schema.Bind[T](must[T](t), json.RawMessage(given))
	if err == nil {
		return ""
	}
	if len(faultsOf(err)) == 0 {
		t.Errorf("%s: error %v has no faults", given, err)
	}
	return err.Error()
}

type sized struct {
	Byte   int8            `json:"byte,omitempty"`
	Short  int16           `json:"short,omitempty"`
	Word   int32           `json:"word,omitempty"`
	Octet  uint8           `json:"octet,omitempty"`
	Port   uint16          `json:"port,omitempty"`
	IP     uint32          `json:"ip,omitempty"`
	Size   uint64          `json:"size,omitempty"`
	Single float32         `json:"single,omitempty"`
	At     time.Time       `json:"at,omitzero"`
	Price  decimal.Decimal `json:"price_usd,omitzero" jsonschema_description:"Decimal number of US dollars."`
	Data   []byte          `json:"data,omitempty"`
	Labels map[string]int8 `json:"labels,omitempty"`
	Pin    *struct {
		Row int8 `json:"row"`
	} `json:"pin,omitempty"`
	Odd odd `json:"odd,omitzero" jsonschema_description:"Any text but no."`
}

type odd string

func (o *odd) UnmarshalJSON(raw []byte) error {
	if string(raw) == `"no"` {
		return errors.New("odd: json: refused")
	}
	*o = odd(raw)
	return nil
}

func (sized) Check() []schema.Fault {
	return []schema.Fault{{Field: "byte", Problem: "is checked"}, {Problem: "is checked as a whole", ValidValues: []string{"pin"}}}
}

// TestWhatTheTypeHasNoRoomFor names the field in every case, and still checks what else there is.
func TestWhatTheTypeHasNoRoomFor(t *testing.T) {
	t.Parallel()
	const rest = `; "byte" is checked; is checked as a whole`
	for given, want := range map[string]string{
		`{"byte":300}`:           `"byte" must be between -128 and 127, got 300; is checked as a whole`,
		`{"short":"40000"}`:      `"short" must be between -32768 and 32767, got 40000` + rest,
		`{"word":3e9}`:           `"word" must be between -2147483648 and 2147483647, got 3000000000` + rest,
		`{"octet":-1}`:           `"octet" must be between 0 and 255, got -1` + rest,
		`{"port":65536}`:         `"port" must be between 0 and 65535, got 65536` + rest,
		`{"ip":-1}`:              `"ip" must be between 0 and 4294967295, got -1` + rest,
		`{"size":-1}`:            `"size" must be between 0 and 9223372036854775807, got -1` + rest,
		`{"single":1e300}`:       `"single" must be a number that fits 32 bits, got 1e300` + rest,
		`{"pin":{"row":300}}`:    `"pin.row" must be between -128 and 127, got one beyond; "byte" is checked`,
		`{"at":"yesterday"}`:     `"at" must be a date and time such as 2026-01-31T12:00:00Z, got "yesterday"` + rest,
		`{"data":"!"}`:           `"data" must be base64 with padding, got "!"` + rest,
		`{"price_usd":"1e5"}`:    `"price_usd" does not fit: decimal number of US dollars, got "1e5"` + rest,
		`{"odd":"no"}`:           `"odd" does not fit: any text but no, got the text "no"` + rest,
		`{"labels":{"a":"b"}}`:   `"labels.a" must be a whole number, got the text "b"` + rest,
		`{"labels":{"a":1000}}`:  `"labels`,
		`{"byte":300,"ip":-1}`:   `"byte" must be between -128 and 127, got 300; "ip" must be between 0 and 4294967295, got -1; is`,
		`{"size":"99999999999"}`: `"byte" is checked; is checked as a whole`,
		`{"price_usd":"","at":"","data":"","labels":{"a":"1"},"odd":"yes"}`: `"byte" is checked; is checked as a whole`,
	} {
		if got := refusal[sized](t, given); !strings.Contains(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", given, got, want)
		}
	}
}

type pair struct {
	Rows []struct {
		Name string `json:"name" jsonschema:"maxLength=3"`
	} `json:"rows,omitempty"`
	Place *point `json:"place,omitempty"`
}

func (p *pair) Check() []schema.Fault {
	return []schema.Fault{{Field: "rows[0]", Problem: "is alone"}, {Field: "place", Problem: "is absent"}}
}

// TestRulesAcrossFieldsLeaveFaultyOnesAlone also shows that a Check of the pointer is found.
func TestRulesAcrossFieldsLeaveFaultyOnesAlone(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{}`: `2 problems with the arguments: "rows[0]" is alone; "place" is absent`,
		`{"rows":[{"name":"a"},{"name":"long"}]}`: `2 problems with the arguments: ` +
			`"rows[1].name" must have at most 3 characters, got 4; "place" is absent`,
		`{"place":{"x":7}}`: `2 problems with the arguments: "place.x" must be at most 1, got 7; "rows[0]" is alone`,
	} {
		if got := refusal[pair](t, given); got != want {
			t.Errorf("%s:\n got %s\nwant %s", given, got, want)
		}
	}
}

func TestObjectsBecomeLists(t *testing.T) {
	t.Parallel()
	s := must[everything](t)
	for given, want := range map[string]string{
		`{"text":"a"}`:                 `[{"text":"a","price":1}]`,
		`"{\"text\":\"a\"}"`:           `[{"text":"a","price":1}]`,
		`"[{\"text\":5}]"`:             `[{"text":"5","price":1}]`,
		`[{"text":"a","price":"2.0"}]`: `[{"text":"a","price":2}]`,
	} {
		got, err := schema.Bind[json.RawMessage](s, json.RawMessage(`{"id":1,"mode":"FAST","intents":`+given+`}`))
		if want = `{"id":"1","mode":"fast","intents":` + want + `,"count":3}`; string(got) != want || err != nil {
			t.Errorf("%s = %s, want %s (%v)", given, got, want, err)
		}
	}
	for _, given := range []string{`"a"`, `5`, `[[]]`} {
		_, err := schema.Bind[everything](s, json.RawMessage(`{"id":"a","mode":"fast","intents":`+given+`}`))
		if err == nil {
			t.Errorf("%s is a list of objects", given)
		}
	}
	_, err := schema.Bind[everything](s, json.RawMessage(`{"id":"a","mode":"fast","grid":[1,"x"],"tags":{"a":1}}`))
	want := `2 problems with the arguments: "tags" must be a list, got an object; "grid[1][0]" must be a whole number, got the text "x"`
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

// TestFreePartsStayAsGiven keeps the text of numbers, which an float64 would round.
func TestFreePartsStayAsGiven(t *testing.T) {
	t.Parallel()
	given := `{"id":"a","mode":"fast","count":9007199254740993,"free":{"a":[1.10,true,null],"b":"\u0001\"\\<\u00e9"},"raw":9007199254740993.10}`
	got, err := schema.Bind[everything](must[everything](t), json.RawMessage(given))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Raw) != "9007199254740993.10" || got.Count != 9007199254740993 || got.Free["b"] != "\x01\"\\<\u00e9" {
		t.Errorf("got %+v", got)
	}
}
