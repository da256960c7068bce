package schema_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/schema"
)

type zzMeta map[string]any
type zzEmb struct{ Q int `json:"q"` }
type zz struct {
	*zzEmb
	A string `json:"a,omitzero"`
	M zzMeta `json:"m,omitempty"`
	N map[string]string `json:"n,omitempty"`
	U uint8 `json:"u,omitempty"`
	I8 int8 `json:"i8,omitempty"`
	T time.Time `json:"t,omitzero"`
	D *decimal.Decimal `json:"d,omitempty"`
	E int `json:"e,omitempty" jsonschema:"enum=1,enum=2"`
	L []string `json:"l,omitempty" jsonschema:"enum=x,enum=y,minLength=1,maxItems=2"`
	F float64 `json:"f,omitempty" jsonschema:"minimum=0,maximum=5"`
	X float64 `json:"x,omitempty" jsonschema:"exclusiveMinimum=0,multipleOf=2"`
	B []byte `json:"b,omitempty"`
	LL [][]any `json:"ll,omitempty"`
	Un []string `json:"un,omitempty" jsonschema:"uniqueItems=true"`
	S string `json:"s,omitempty" jsonschema:"format=email,pattern=^x"`
	I any `json:"i,omitempty" jsonschema_description:"d"`
}

func TestZZ(t *testing.T) {
	s, err := schema.For[zz]()
	if err != nil { t.Log(err); return }
	t.Log(string(s.JSON()))
	for _, a := range []string{`{"u":-1,"q":1}`, `{"q":1,"i8":300}`, `{"q":1,"t":"yesterday"}`,`{"q":1,"d":""}`,`{"q":1,"e":7}`,`{"q":1,"l":["z"]}`,`{"q":1,"n":{"k":1}}`, `{"q":1,"x":-3}`, `{"q":1,"b":"!!"}`, `{"q":1,"un":["a","a"]}`, `{"q":1,"s":""}`,`{"q":1,"s":null,"zz":null}`, `{"q":1,"ll":[null]}`, `{"q":1,"a":"\ud800"}`} {
		_, err := schema.Bind[zz](s, json.RawMessage(a))
		t.Log(a, err)
	}
}
func TestZZ2(t *testing.T) {
	defer func(){ fmt.Println("rec", recover()) }()
	_, err := schema.For[struct{ C chan int `json:"c"` }]()
	t.Log(err)
}
func TestZZ3(t *testing.T) {
	s := must[arguments](t)
	for _, a := range []string{`{"name":"a","limit":0e99999999}`, `{"name":"a","limit":1e-9999999}`, `{"name":"a","place":{"x":1e-9999999}}`, `{"name":"a","place":{"x":1e-99999999}}`} {
		st := time.Now()
		_, err := schema.Bind[arguments](s, json.RawMessage(a))
		t.Log(a, time.Since(st), err)
	}
}
