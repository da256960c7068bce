package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// ping is a request with something in it that must be refused.
func ping(members string) string {
	return `{"jsonrpc":"2.0","id":7,"method":"ping","params":{` + members + `}}`
}

func TestMessagesThatCanBeReadInTwoWaysAreRefused(t *testing.T) {
	tests := map[string]struct {
		line string
		code int
		id   string // that the refusal bears; empty for none
		says string
	}{
		"key in capitals":            {`{"jsonrpc":"2.0","id":7,"METHOD":"ping"}`, codeInvalidRequest, "7", `"method"`},
		"key in capitals too":        {`{"jsonrpc":"2.0","id":7,"method":"ping","Method":"tools/call"}`, codeInvalidRequest, "7", `"method"`},
		"id in capitals":             {`{"jsonrpc":"2.0","ID":7,"method":"ping"}`, codeInvalidRequest, "", `"id"`},
		"two ids in two cases":       {`{"jsonrpc":"2.0","id":7,"Id":8,"method":"ping"}`, codeInvalidRequest, "", `"id"`},
		"long s":                     {`{"jsonrpc":"2.0","id":7,"method":"ping","paramſ":{}}`, codeInvalidRequest, "7", `"params"`},
		"escaped capital":            {`{"jsonrpc":"2.0","id":7,"\u004dethod":"ping"}`, codeInvalidRequest, "7", `"method"`},
		"param in capitals":          {ping(`"Name":"pay"`), codeInvalidRequest, "7", `"name"`},
		"kelvin sign":                {ping(`"progressTo` + "\u212a" + `en":1`), codeInvalidRequest, "7", `"progressToken"`},
		"arguments in capitals":      {ping(`"ARGUMENTS":{}`), codeInvalidRequest, "7", `"arguments"`},
		"state in capitals":          {ping(`"requeststate":"x"`), codeInvalidRequest, "7", `"requestState"`},
		"answers in capitals":        {ping(`"inputresponses":{}`), codeInvalidRequest, "7", `"inputResponses"`},
		"answer in capitals":         {ping(`"inputResponses":{"consent":{"Action":"accept"}}`), codeInvalidRequest, "7", `"action"`},
		"cursor in capitals":         {ping(`"Cursor":"x"`), codeInvalidRequest, "7", `"cursor"`},
		"address in capitals":        {ping(`"URI":"x"`), codeInvalidRequest, "7", `"uri"`},
		"metadata in capitals":       {ping(`"_META":{}`), codeInvalidRequest, "7", `"_meta"`},
		"version in capitals":        {ping(`"_meta":{"io.modelcontextprotocol/protocolversion":"2026-07-28"}`), codeInvalidRequest, "7", "protocolVersion"},
		"capability in capitals":     {ping(`"_meta":{"io.modelcontextprotocol/clientCapabilities":{"Elicitation":{}}}`), codeInvalidRequest, "7", `"elicitation"`},
		"client in capitals":         {ping(`"clientInfo":{"icons":[{"SRC":"x"}]}`), codeInvalidRequest, "7", `"src"`},
		"two methods":                {`{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call"}`, codeInvalidRequest, "7", `"method" comes twice`},
		"two ids":                    {`{"jsonrpc":"2.0","id":7,"id":7,"method":"ping"}`, codeInvalidRequest, "", `"id" comes twice`},
		"two arguments":              {ping(`"arguments":{"a":{"b":[{"c":1,"d":2,"c":3}]}}`), codeInvalidRequest, "7", `"c" comes twice`},
		"two, one escaped":           {ping(`"arguments":{"ab":1,"\u0061b":2}`), codeInvalidRequest, "7", `"ab" comes twice`},
		"invalid UTF-8":              {ping(`"arguments":{"a":"` + "\xff" + `"}`), codeInvalidRequest, "7", "UTF-8"},
		"invalid UTF-8 in a key":     {ping(`"arguments":{"` + "\xc3" + `":1}`), codeInvalidRequest, "7", "UTF-8"},
		"invalid UTF-8 in a method":  {`{"jsonrpc":"2.0","id":7,"method":"p` + "\xe2\x82" + `"}`, codeInvalidRequest, "7", "UTF-8"},
		"invalid UTF-8 in an id":     {`{"jsonrpc":"2.0","id":"` + "\xff" + `","method":"ping"}`, codeInvalidRequest, "", "UTF-8"},
		"overlong UTF-8":             {ping(`"a":"` + "\xc0\xaf" + `"`), codeInvalidRequest, "7", "UTF-8"},
		"surrogate in UTF-8":         {ping(`"a":"` + "\xed\xa0\x80" + `"`), codeInvalidRequest, "7", "UTF-8"},
		"lone high surrogate":        {ping(`"a":"\ud83d!"`), codeInvalidRequest, "7", "surrogate"},
		"lone low surrogate":         {ping(`"a":"\ude00"`), codeInvalidRequest, "7", "surrogate"},
		"surrogates the wrong way":   {ping(`"a":"\ude00\ud83d"`), codeInvalidRequest, "7", "surrogate"},
		"high surrogate, other":      {ping(`"a":"\ud83d\u0041"`), codeInvalidRequest, "7", "surrogate"},
		"surrogate in an id":         {`{"jsonrpc":"2.0","id":"\ud83d","method":"ping"}`, codeInvalidRequest, "", "surrogate"},
		"surrogate in a key":         {ping(`"\ud83d":1`), codeInvalidRequest, "7", "surrogate"},
		"control character in an id": {`{"jsonrpc":"2.0","id":"a\u0000","method":"ping"}`, codeInvalidRequest, "", "id"},
		"long id":                    {`{"jsonrpc":"2.0","id":"` + strings.Repeat("a", maxID) + `","method":"ping"}`, codeInvalidRequest, "", "id"},
		"number beyond floats":       {ping(`"a":1e999`), codeInvalidRequest, "7", "number"},
		"integer beyond floats":      {ping(`"a":` + strings.Repeat("9", 400)), codeInvalidRequest, "7", "number"},
		"deep":                       {ping(`"a":` + strings.Repeat("[", 63) + strings.Repeat("]", 63)), codeInvalidRequest, "", "deep"},
		"endlessly deep":             {strings.Repeat(`{"a":`, maxMessage/5), codeInvalidRequest, "", "deep"},
		"many elements":              {ping(`"a":[` + strings.Repeat("1,", 10_000) + `1]`), codeInvalidRequest, "7", "10000"},
		"many members":               {ping(`"a":{` + members(10_001) + `}`), codeInvalidRequest, "7", "10000"},
		"batch of one":               {`[{"jsonrpc":"2.0","id":7,"method":"ping"}]`, codeInvalidRequest, "", "batches"},
		"something behind it":        {ping(``) + `{}`, codeParseError, "", "JSON"},
		"a byte order mark":          {"\ufeff" + ping(``), codeParseError, "", "JSON"},
		"a space that is none":       {"\u00a0" + ping(``), codeParseError, "", "JSON"},
		"a comment":                  {`{/**/}`, codeParseError, "", "JSON"},
		"a comma too many":           {ping(`"a":[1,]`), codeParseError, "", "JSON"},
		"a member too few":           {ping(`"a":1,`), codeParseError, "", "JSON"},
		"a comma for a colon":        {ping(`"a",1`), codeParseError, "", "JSON"},
		"a leading zero":             {ping(`"a":01`), codeParseError, "", "JSON"},
		"a bare point":               {ping(`"a":1.`), codeParseError, "", "JSON"},
		"not a number":               {ping(`"a":NaN`), codeParseError, "", "JSON"},
		"a control character":        {ping("\"a\":\"\x01\""), codeParseError, "", "JSON"},
		"an unknown escape":          {ping(`"a":"\x41"`), codeParseError, "", "JSON"},
		"half an escape":             {`"\u00`, codeParseError, "", "JSON"},
		"nothing":                    {``, codeParseError, "", "JSON"},
		"an older version":           {`{"jsonrpc":"1.0","id":7,"method":"ping"}`, codeInvalidRequest, "7", "jsonrpc"},
		"no version":                 {`{"id":7,"method":"ping"}`, codeInvalidRequest, "7", "jsonrpc"},
		"a faulty response":          {`{"jsonrpc":"2.0","id":7,"result":{"a":1,"a":2}}`, codeInvalidRequest, "", "twice"},
		"array for params":           {`{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}`, codeInvalidParams, "7", "params"},
	}
	for name, test := range tests {
		m, refusal := parseMessage([]byte(test.line))
		if refusal == nil || refusal.code != test.code || !strings.Contains(refusal.message, test.says) || string(m.ID) != test.id {
			t.Errorf("%s: id %q, %+v", name, m.ID, refusal)
		}
	}
}

func members(count int) string {
	var all strings.Builder
	for i := range count {
		fmt.Fprintf(&all, `"%d":1,`, i)
	}
	return strings.TrimSuffix(all.String(), ",")
}

func TestMessagesThatCanBeReadInOneWayAreTaken(t *testing.T) {
	for name, line := range map[string]string{
		"escaped key":            `{"jsonrpc":"2.0","id":7,"\u006dethod":"ping"}`,
		"escaped version":        `{"jsonrpc":"2.\u0030","id":7,"method":"ping"}`,
		"white space":            " \t{ \"jsonrpc\" : \"2.0\" ,\r\n \"id\":7, \"method\":\"ping\" , \"params\":{ } } \n",
		"capitals in arguments":  ping(`"name":"a","arguments":{"Name":1,"name":2,"METHOD":3,"_Meta":{"a":1,"A":2}}`),
		"capitals of a vendor":   ping(`"_meta":{"vendor/Name":{"Name":1,"name":2},"x":1}`),
		"capitals of extensions": ping(`"capabilities":{"experimental":{"Name":{}},"extensions":{"a/B":{"URI":1}}}`),
		"answers of a form":      ping(`"inputResponses":{"Action":{"action":"accept","content":{"Agree":1,"agree":true}}}`),
		"unknown members":        `{"jsonrpc":"2.0","id":7,"method":"ping","vendor":{"Id":1}}`,
		"null params":            `{"jsonrpc":"2.0","id":7,"method":"ping","params":null}`,
		"a surrogate pair":       ping(`"a":"\ud83d\ude00 \uD83D\uDE00 \\ud83d"`),
		"NUL in a text":          ping(`"a":"\u0000\u001b"`),
		"as deep as can be":      ping(`"a":` + strings.Repeat("[", 62) + strings.Repeat("]", 62)),
		"as many as can be":      ping(`"a":[` + strings.Repeat("1,", 9_999) + `1],"b":{` + members(10_000) + `}`),
		"numbers":                ping(`"a":[0,-0,1.5e-3,1E+2,123456789012345678901234567890]`),
		"id of all scripts":      `{"jsonrpc":"2.0","id":"7 ü 😀 \"<&>\"","method":"ping"}`,
		"notification":           `{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		"response":               `{"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"A":1,"a":2}}}`,
		"error":                  `{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"x","data":{"Code":1}}}`,
	} {
		if _, refusal := parseMessage([]byte(line)); refusal != nil {
			t.Errorf("%s: %s", name, refusal.message)
		}
	}
}

func TestMessagesAreTakenApart(t *testing.T) {
	m, refusal := parseMessage([]byte(`{"jsonrpc":"2.0","id":"\u0061","method":"\u0070ing","params":{"_meta":{"` + metaVersion + `":"2026-07-28"},"a":1}}`))
	if refusal != nil || string(m.ID) != `"\u0061"` || m.Method != "ping" || !json.Valid(m.Params) || !m.isModern() || !m.isRequest() {
		t.Errorf("got %+v, %v", m, refusal)
	}
	if m, _ := parseMessage([]byte(`{"jsonrpc":"2.0","id":1,"error":null,"result":{}}`)); !m.isResponse() || m.isRequest() || string(m.Result) != "{}" {
		t.Errorf("got %+v", m)
	}
}

// BenchmarkParseMessage reads messages of four mebibytes: of one text, and of what is expensive, many keys and escapes.
func BenchmarkParseMessage(b *testing.B) {
	for name, line := range map[string]string{
		"text":    ping(`"a":"` + strings.Repeat("x", 4_000_000) + `"`),
		"keys":    ping(`"a":[` + strings.TrimSuffix(strings.Repeat(`{`+members(9_000)+`},`, 40), ",") + `]`),
		"escapes": ping(`"a":"` + strings.Repeat(`\ud83d\ude00`, 330_000) + `"`),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if _, refusal := parseMessage([]byte(line)); refusal != nil {
					b.Fatal(refusal.message)
				}
			}
		})
	}
}
