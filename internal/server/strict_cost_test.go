package server

import (
	"strings"
	"testing"
)

// Names that the protocol does not read where they are refuse nothing, whatever their letters.
func TestNamesThatNobodyReadsAreTaken(t *testing.T) {
	for _, members := range []string{
		`"_meta":{"TraceParent":"x","Baggage":"y","TITLE":1}`,
		`"clientInfo":{"name":"x","version":"1","Icons":[{"SRC":"x"}],"Title":"T","WebsiteURL":"u","ID":1}`,
		`"Title":"x","URL":"y","Action":1,"Icons":[]`,
		`"_meta":{"io.modelcontextprotocol/clientInfo":{"Description":"x"}}`,
	} {
		if _, refusal := parseMessage([]byte(ping(members))); refusal != nil {
			t.Errorf("%s: %s", members, refusal.message)
		}
	}
}

// Every key is compared with all names at once, in a message that is refused as in one that is not.
func BenchmarkManyKeys(b *testing.B) {
	for name, line := range map[string]string{
		"refused": ping(strings.Repeat(`"t":1,`, 690_000) + `"t":1`),
		"taken":   ping(`"context":{` + members(9_999) + `}`),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(line)))
			for b.Loop() {
				_, _ = parseMessage([]byte(line))
			}
		})
	}
}

// A fault ends the comparing of keys; only what may be another id is still looked for.
func TestIdsBehindAFaultAreLookedFor(t *testing.T) {
	m, refusal := parseMessage([]byte(`{"jsonrpc":"2.0","id":7,"method":"ping","METHOD":"ping","Id":8}`))
	if refusal == nil || m.ID != nil {
		t.Errorf("got %+v, %v", m, refusal)
	}
	m, refusal = parseMessage([]byte(`{"jsonrpc":"2.0","METHOD":"ping","METHOD":"ping","id":7}`))
	if refusal == nil || string(m.ID) != "7" {
		t.Errorf("got %+v, %v", m, refusal)
	}
}
