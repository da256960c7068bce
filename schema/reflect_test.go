package schema_test

import (
	"bytes"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/robutlerai/robutler-mcp/schema"
)

type hidden struct {
	A string `json:"a"`
}

type number struct {
	N json.Number `json:"n,omitempty"`
}

type digest []byte

type tree struct {
	Children []tree `json:"children,omitempty"`
}

func attempt[T any]() error {
	_, err := schema.For[T]()
	return err
}

// TestUnkeptPromisesAreErrors gives types whose schema would be more, less or other than what calls are held to.
func TestUnkeptPromisesAreErrors(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"field C: JSON has no type for chan": attempt[struct {
			C chan int `json:"c"`
		}](),
		"a map needs strings as keys": attempt[struct {
			M map[int]string `json:"m"`
		}](),
		"field Children: the type tree holds itself":    attempt[tree](),
		"the type is not a struct":                      attempt[json.RawMessage](),
		"unexported type cannot be embedded by pointer": attempt[struct{ *hidden }](),
		`the tag says "3}$", which is no keyword`: attempt[struct {
			S string `json:"s" jsonschema:"pattern=^a{1,3}$"`
		}](),
		`the tag says "maximun=3"`: attempt[struct {
			N int `json:"n" jsonschema:"maximun=3"`
		}](),
		"n: its lower bound is above its upper one": attempt[struct {
			N int `json:"n" jsonschema:"minimum=3,maximum=2"`
		}](),
		"n: its default must be at most 2, got 3": attempt[struct {
			N int `json:"n,omitempty" jsonschema:"maximum=2,default=3"`
		}](),
		`e: its default must be one of a, b, got "c"`: attempt[struct {
			E string `json:"e,omitempty" jsonschema:"enum=a,enum=b,default=c"`
		}](),
		"s: pattern: ": attempt[struct {
			S string `json:"s" jsonschema:"pattern=("`
		}](),
		`the tag says "nullable", which is no keyword`: attempt[struct {
			S string `json:"s" jsonschema:"nullable"`
		}](),
		"the enum has \"a\" twice": attempt[struct {
			S string `json:"s" jsonschema:"enum=a,enum=a"`
		}](),
		"exclusiveMinimum is not enforced": attempt[struct {
			N int `json:"n" jsonschema:"exclusiveMinimum=0"`
		}](),
		"multipleOf is not enforced": attempt[struct {
			N int `json:"n" jsonschema:"multipleOf=2"`
		}](),
		"uniqueItems is not enforced": attempt[struct {
			L []string `json:"l" jsonschema:"uniqueItems=true"`
		}](),
		"maxLength of a whole number is not enforced": attempt[struct {
			N int `json:"n" jsonschema:"maxLength=3"`
		}](),
		"maximum of a text is not enforced": attempt[struct {
			S string `json:"s" jsonschema:"maximum=3"`
		}](),
		"enum of a whole number is not enforced": attempt[struct {
			L []int `json:"l" jsonschema:"enum=1"`
		}](),
		"maxItems is not enforced": attempt[struct {
			S string `json:"s" jsonschema:"maxItems=3"`
		}](),
		"format email is not enforced": attempt[struct {
			S string `json:"s" jsonschema:"format=email"`
		}](),
		`the bound "few" is no count`: attempt[struct {
			L []string `json:"l" jsonschema:"maxItems=few"`
		}](),
		`the bound "1e" is no number`: attempt[struct {
			N float64 `json:"n" jsonschema:"minimum=1e"`
		}](),
		"enum of a list cannot hold an equals sign": attempt[struct {
			L []string `json:"l" jsonschema:"enum=a=b"`
		}](),
		"the default of an object is not kept": attempt[struct {
			M map[string]string `json:"m,omitempty" jsonschema:"default={}"`
		}](),
		"minItems is not enforced": attempt[struct {
			B digest `json:"b" jsonschema:"minItems=3"`
		}](),
		"format ipv4 is not enforced": attempt[struct {
			A net.IP `json:"a"`
		}](),
		`the default "yes" is not valid`: attempt[struct {
			B bool `json:"b,omitempty" jsonschema:"default=yes"`
		}](),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
}

func TestShapesOfStructs(t *testing.T) {
	t.Parallel()
	type Embedded struct {
		Q int `json:"q"`
	}
	type shapes struct {
		*Embedded
		Zero   string            `json:"zero,omitzero"`
		Named  map[string]string `json:"named,omitempty"`
		Bytes  []byte            `json:"bytes,omitempty"`
		Pair   [2]int            `json:"pair,omitempty"`
		List   []string          `json:"list,omitempty" jsonschema:"minItems=1,maxItems=2,minLength=1,maxLength=9,enum=x,enum=y,default=x"`
		Comma  string            `json:"comma,omitempty" jsonschema:"pattern=^a{1\\,3}$"`
		Text   int               `json:"text,omitempty,string" jsonschema:"default=1"`
		Skip   chan int          `json:"-"`
		inside *tree
	}
	want := `{"properties":{"q":{"type":"integer"},"zero":{"type":"string"},` +
		`"named":{"additionalProperties":{"type":"string"},"type":"object"},` +
		`"bytes":{"type":"string","contentEncoding":"base64"},` +
		`"pair":{"items":{"type":"integer"},"type":"array","maxItems":2,"minItems":2},` +
		`"list":{"items":{"type":"string","enum":["x","y"],"maxLength":9,"minLength":1},"type":"array","maxItems":2,"minItems":1,"default":["x"]},` +
		`"comma":{"type":"string","pattern":"^a{1,3}$"},` +
		`"text":{"type":"string","default":"1"}},"additionalProperties":false,"type":"object","required":["q"]}`
	s := must[shapes](t)
	if got := string(s.JSON()); got != want {
		t.Errorf("schema:\n%s\nwant:\n%s", got, want)
	}
	s.JSON()[0] = 'x'
	if s.JSON()[0] != '{' {
		t.Error("a caller can change the schema")
	}
	got, err := schema.Bind[shapes](s, json.RawMessage(`{"q":"1","pair":["1",2],"bytes":"aGk=","named":{"a":5}}`))
	if err != nil || got.Q != 1 || got.Pair != [2]int{1, 2} || string(got.Bytes) != "hi" || got.Named["a"] != "5" || got.List[0] != "x" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got.inside != nil || got.Skip != nil {
		t.Error("fields without a name are filled")
	}
	if _, err := schema.Bind[number](must[number](t), json.RawMessage(`{"n":"1.50"}`)); err != nil {
		t.Error(err)
	}
}

// TestTheEncodingIsTheLibrarys compares what is written in one pass with what the library makes of the same type.
func TestTheEncodingIsTheLibrarys(t *testing.T) {
	t.Parallel()
	type item struct {
		Text string   `json:"text" jsonschema:"minLength=1,maxLength=5,pattern=^a\\,\"$" jsonschema_description:"A \"text\" \\ \u0001."`
		Kind string   `json:"kind" jsonschema:"enum=a,enum=b,default=b"`
		Deep []string `json:"deep,omitempty" jsonschema:"minItems=1,maxItems=2,enum=x,enum=y,default=x,default=y"`
	}
	type whole struct {
		item
		Items  []item         `json:"items" jsonschema:"maxItems=3"`
		Named  map[string]int `json:"named,omitempty"`
		Bytes  []byte         `json:"bytes,omitzero"`
		Pair   [2]float64     `json:"pair" jsonschema:"minimum=-0.5,maximum=1e3"`
		On     *bool          `json:"on,omitempty" jsonschema:"default=false"`
		Count  uint8          `json:"count,omitempty,string" jsonschema:"default=1"`
		Number int            `json:"number" jsonschema:"minimum=-1,maximum=5,default=0"`
		None   struct{}       `json:"none"`
	}
	reflector := jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, DoNotReference: true}
	reflected := reflector.Reflect(whole{})
	reflected.Version = ""
	want, err := json.Marshal(reflected)
	if err != nil {
		t.Fatal(err)
	}
	if got := must[whole](t).JSON(); !bytes.Equal(got, want) {
		t.Errorf("schema:\n%s\nwant:\n%s", got, want)
	}
}

func TestJoinKeepsWhatIsShared(t *testing.T) {
	t.Parallel()
	type common struct {
		State string `json:"state" jsonschema:"maxLength=3"`
	}
	type one struct {
		ID    string `json:"id"`
		State int    `json:"state"`
	}
	shared := schema.Shared[common]()
	const members = `"state":{"type":"string","maxLength":3}`
	for name, tc := range map[string]struct {
		joined *schema.Schema
		want   string
	}{
		"shared first": {
			schema.Join(shared, schema.Lazy[one]()),
			`{"properties":{` + members + `,"id":{"type":"string"}},"additionalProperties":false,"type":"object","required":["state"]}`,
		},
		"shared second": {
			schema.Join(schema.Lazy[number](), shared),
			`{"properties":{"n":{"type":"number"},` + members + `},"additionalProperties":false,"type":"object"}`,
		},
		"a mistake in it":     {schema.Join(shared, schema.Lazy[tree]()), ""},
		"a mistake in shared": {schema.Join(schema.Shared[tree](), schema.Lazy[one]()), ""},
	} {
		if got := string(tc.joined.JSON()); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
		if err := tc.joined.Check(); (err != nil) != (tc.want == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := string(shared.JSON()); got != `{"properties":{`+members+`},"additionalProperties":false,"type":"object","required":["state"]}` {
		t.Errorf("shared: %s", got)
	}
}

func TestSchemaIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := must[everything](t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				_, good := schema.Bind[everything](s, json.RawMessage(`{"id":"a","mode":"Fast","intents":{"text":"b"}}`))
				_, bad := schema.Bind[everything](s, json.RawMessage(`{"mode":"slow","other":1}`))
				if good != nil || len(faultsOf(bad)) != 3 {
					t.Errorf("%v, %v", good, bad)
				}
			}
		})
	}
	group.Wait()
}
