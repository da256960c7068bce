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

type paging struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"minimum=1,maximum=100,default=20" jsonschema_description:"Rows per page."`
	Cursor string `json:"cursor,omitempty" jsonschema:"maxLength=512" jsonschema_description:"next_cursor of the page before."`
}

type point struct {
	X float64 `json:"x" jsonschema:"minimum=-1,maximum=1" jsonschema_description:"East, in degrees."`
	Y float64 `json:"y,omitempty" jsonschema:"minimum=-1,maximum=1,default=0.5" jsonschema_description:"North, in degrees."`
}

type arguments struct {
	Name       string   `json:"name" jsonschema:"minLength=1,maxLength=30,pattern=^[a-z]+$" jsonschema_description:"Unique name, of a-z only."`
	Visibility string   `json:"visibility,omitempty" jsonschema:"enum=private,enum=public,default=private" jsonschema_description:"Who may read it."`
	Tags       []string `json:"tags,omitempty" jsonschema:"maxItems=3,maxLength=5" jsonschema_description:"Labels of it."`
	Public     *bool    `json:"public,omitempty" jsonschema_description:"Others find it."`
	Place      *point   `json:"place,omitempty" jsonschema_description:"Where it is."`
	paging
}

func (a arguments) Check() []schema.Fault {
	if a.Name == "both" && len(a.Tags) > 0 {
		return []schema.Fault{{Field: "tags", Problem: "must be absent for both"}}
	}
	return nil
}

func must[T any](t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.For[T]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReflectedSchema(t *testing.T) {
	t.Parallel()
	want := `{"properties":{` +
		`"name":{"type":"string","maxLength":30,"minLength":1,"pattern":"^[a-z]+$","description":"Unique name, of a-z only."},` +
		`"visibility":{"type":"string","enum":["private","public"],"description":"Who may read it.","default":"private"},` +
		`"tags":{"items":{"type":"string","maxLength":5},"type":"array","maxItems":3,"description":"Labels of it."},` +
		`"public":{"type":"boolean","description":"Others find it."},` +
		`"place":{"properties":{` +
		`"x":{"type":"number","maximum":1,"minimum":-1,"description":"East, in degrees."},` +
		`"y":{"type":"number","maximum":1,"minimum":-1,"description":"North, in degrees.","default":0.5}},` +
		`"additionalProperties":false,"type":"object","required":["x"],"description":"Where it is."},` +
		`"limit":{"type":"integer","maximum":100,"minimum":1,"description":"Rows per page.","default":20},` +
		`"cursor":{"type":"string","maxLength":512,"description":"next_cursor of the page before."}},` +
		`"additionalProperties":false,"type":"object","required":["name"]}`
	s := must[arguments](t)
	if got := string(s.JSON()); got != want {
		t.Errorf("schema:\n%s\nwant:\n%s", got, want)
	}
	if findings := schema.LintInput(s.JSON()); len(findings) > 0 {
		t.Errorf("lint: %s", strings.Join(findings, "\n"))
	}
}

func TestReflectedOutput(t *testing.T) {
	t.Parallel()
	type output struct {
		Amount decimal.Decimal  `json:"amount_usd"`
		Price  *decimal.Decimal `json:"price,omitempty"`
		At     *time.Time       `json:"at,omitempty"`
		Free   map[string]any   `json:"free,omitempty"`
		Any    any              `json:"any,omitempty"`
		Raw    json.RawMessage  `json:"raw,omitempty"`
		Rows   []point          `json:"rows"`
	}
	s := must[output](t)
	text := string(s.JSON())
	for _, part := range []string{
		`"amount_usd":{"type":"string","pattern":"^-?[0-9]+(\\.[0-9]+)?$"}`, `"at":{"type":"string","format":"date-time"}`,
		`"free":{"type":"object"}`, `"any":{}`, `"raw":{}`, `"required":["amount_usd","rows"]`,
	} {
		if !strings.Contains(text, part) {
			t.Errorf("schema lacks %s:\n%s", part, text)
		}
	}
	if findings := schema.LintOutput(s.JSON()); len(findings) > 0 {
		t.Errorf("lint: %s", strings.Join(findings, "\n"))
	}
}

type loop struct {
	Next *loop `json:"next,omitempty"`
}

func TestUnusableTypesAreErrors(t *testing.T) {
	t.Parallel()
	if _, err := schema.For[loop](); err == nil {
		t.Error("a recursive type has a schema")
	}
	if _, err := schema.For[[]string](); err == nil {
		t.Error("a list has a schema")
	}
	if _, err := schema.For[struct {
		C chan int `json:"c"`
	}](); err == nil {
		t.Error("a channel has a schema")
	}
	if _, err := schema.For[struct {
		E int `json:"e" jsonschema:"enum=1,enum=2"`
	}](); err == nil {
		t.Error("an enum of numbers is promised and not kept")
	}
	if _, err := schema.For[struct {
		S string `json:"s" jsonschema:"format=email"`
	}](); err == nil {
		t.Error("a format is promised and not kept")
	}
}

func TestBindCoerces(t *testing.T) {
	t.Parallel()
	s := must[arguments](t)
	yes := true
	tests := map[string]arguments{
		`{"name":"a"}`:                               {Name: "a"},
		`{"name":"a","limit":"5"}`:                   {Name: "a", paging: paging{Limit: 5}},
		`{"name":"a","limit":5.0}`:                   {Name: "a", paging: paging{Limit: 5}},
		`{"name":"a","limit":1e1}`:                   {Name: "a", paging: paging{Limit: 10}},
		`{"name":"a","limit":null,"tags":null}`:      {Name: "a"},
		`{"name":"a","tags":"b"}`:                    {Name: "a", Tags: []string{"b"}},
		`{"name":"a","tags":"[\"b\",\"c\"]"}`:        {Name: "a", Tags: []string{"b", "c"}},
		`{"name":"a","tags":[1,true]}`:               {Name: "a", Tags: []string{"1", "true"}},
		`{"name":"a","visibility":" PUBLIC "}`:       {Name: "a", Visibility: "public"},
		`{"name":"a","public":"True"}`:               {Name: "a", Public: &yes},
		`{"name":"a","place":"{\"x\":\"0.25\"}"}`:    {Name: "a", Place: &point{X: 0.25, Y: 0.5}},
		`"{\"name\":\"a\"}"`:                         {Name: "a"},
		`{"name":"a","place":{"x":-1,"y":1},"zz":1}`: {},
	}
	for given, want := range tests {
		got, err := schema.Bind[arguments](s, json.RawMessage(given))
		if strings.Contains(given, "zz") {
			if err == nil {
				t.Errorf("%s: no error", given)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if want.Limit == 0 {
			want.Limit = 20
		}
		if want.Visibility == "" {
			want.Visibility = "private"
		}
		if encode(t, got) != encode(t, want) {
			t.Errorf("%s = %s, want %s", given, encode(t, got), encode(t, want))
		}
	}
}

func encode(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestBindReportsEveryFault(t *testing.T) {
	t.Parallel()
	s := must[arguments](t)
	tests := map[string]string{
		`{}`: `1 problem with the arguments: "name" is required: unique name, of a-z only`,
		``:   `1 problem with the arguments: "name" is required: unique name, of a-z only`,
		`{"name":"a","limit":1000,"visibility":"publik","tag":"x"}`: `3 problems with the arguments: ` +
			`"visibility" must be one of private, public, got "publik" (did you mean public?); ` +
			`"limit" must be at most 100, got 1000; ` +
			`unknown argument "tag"; the arguments are name, visibility, tags, public, place, limit, cursor (did you mean tags?)`,
		`{"name":"A1","limit":"5x"}`: `2 problems with the arguments: "name" does not fit: unique name, of a-z only, got "A1"; ` +
			`"limit" must be a whole number, got the text "5x"`,
		`{"name":"","tags":["abcdef","b","c","d"]}`: `3 problems with the arguments: "name" must not be empty; ` +
			`"tags" must have at most 3 items, got 4; "tags[0]" must have at most 5 characters, got 6`,
		`{"name":"a","limit":5.5,"public":"maybe","place":[]}`: `3 problems with the arguments: ` +
			`"public" must be true or false, got the text "maybe"; "place" must be an object, got a list; ` +
			`"limit" must be a whole number, got 5.5`,
		`{"name":"a","limit":1e400}`: `1 problem with the arguments: "limit" must be a whole number that fits 64 bits, got 1e400`,
		`{"name":"a","place":{"y":2}}`: `2 problems with the arguments: "place.x" is required: east, in degrees; ` +
			`"place.y" must be at most 1, got 2`,
		`{"name":{"a":1}}`:             `1 problem with the arguments: "name" must be a text, got an object`,
		`{"name":"both","tags":["a"]}`: `1 problem with the arguments: "tags" must be absent for both`,
		`{"name":"a","name":"b"}`:      `1 problem with the arguments: "name" is given twice`,
		`[1]`:                          `1 problem with the arguments: must be an object, got a list`,
		`5`:                            `1 problem with the arguments: must be an object, got 5`,
		`{"name":`:                     `1 problem with the arguments: the arguments are not valid JSON`,
		`{"name":"a"} x`:               `1 problem with the arguments: the arguments are not valid JSON`,
		"{\"name\":\"\xff\"}":          `1 problem with the arguments: the arguments are not valid UTF-8`,
		`{"name":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`: `1 problem with the arguments: the arguments nest deeper than 64 levels`,
	}
	for given, want := range tests {
		_, err := schema.Bind[arguments](s, json.RawMessage(given))
		if _, ok := errors.AsType[*schema.ArgumentError](err); !ok {
			t.Errorf("%s: error = %v", given, err)
			continue
		}
		if err.Error() != want {
			t.Errorf("%s:\n got %s\nwant %s", given, err, want)
		}
	}
}

func TestMessageIsBounded(t *testing.T) {
	t.Parallel()
	many := map[string]any{"name": "a"}
	for i := range 100 {
		many[strings.Repeat("x", 30)+string(rune('a'+i%26))+string(rune('a'+i/26))] = 1
	}
	_, err := schema.Bind[arguments](must[arguments](t), json.RawMessage(encode(t, many)))
	if err == nil || len(err.Error()) > 1600 || !strings.Contains(err.Error(), "and ") {
		t.Errorf("error of %d bytes: %v", len(err.Error()), err)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	candidates := []string{"list_agents", "get_agent", "search_agents", "create_agent", "visibility", "tags", "tools", "toolsets"}
	for name, want := range map[string]string{
		"list_agent": "list_agents", "lsit_agents": "list_agents", "list-agents": "list_agents", "ListAgents": "list_agents",
		"tool": "tools", "toolset": "toolsets", "tool-sets": "toolsets",
		"tag": "tags", "visiblity": "visibility", "creat_agent": "create_agent", "zzz": "", "": "", "delete_everything": "",
	} {
		if got, ok := schema.Nearest(name, candidates); got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q", name, got)
		}
	}
}

func TestLintFindsWhatVendorsRefuse(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`true`:              "not an object",
		`{"type":"string"}`: "root must be of type object",
		`{"type":"object","properties":{"a":{"$ref":"#/x","description":"a thing"}},"additionalProperties":false}`:                "$ref",
		`{"type":"object","properties":{"a":{"type":["string","null"],"description":"a thing"}},"additionalProperties":false}`:    "one name",
		`{"type":"object","properties":{"a":{"type":"array","maxItems":1,"description":"a thing"}},"additionalProperties":false}`: "needs items",
		`{"type":"object","properties":{"a":{"type":"string","maxLength":1}},"additionalProperties":false}`:                       "no description",
		`{"type":"object","properties":{"a":{"type":"string","description":"a thing"}},"additionalProperties":false}`:             "maxLength",
		`{"type":"object","properties":{"a":{"type":"integer","description":"a thing"}},"additionalProperties":false}`:            "minimum",
		`{"type":"object","properties":{"a":true},"additionalProperties":false}`:                                                  "not an object",
		`{"type":"object","properties":{}}`: "additionalProperties",
		`{"type":"object","properties":{"aB":{"type":"boolean","description":"a thing"}},"additionalProperties":false}`:                         "a-z",
		`{"type":"object","properties":{},"required":["a"],"additionalProperties":false}`:                                                       "no property",
		`{"type":"object","properties":{"a":{"type":"object","description":"a thing"}},"additionalProperties":false}`:                           "free-form",
		`{"type":"object","properties":{"a":{"type":"boolean","description":"` + strings.Repeat("x", 201) + `"}},"additionalProperties":false}`: "201 characters",
		`{"type":"object","properties":{"a":{"type":"boolean","description":"caf\u00e9 au lait"}},"additionalProperties":false}`:                "ASCII",
	} {
		findings := strings.Join(schema.LintInput(json.RawMessage(raw)), "\n")
		if !strings.Contains(findings, want) {
			t.Errorf("%s: findings %q lack %q", raw, findings, want)
		}
	}
}
