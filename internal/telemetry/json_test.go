package telemetry

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestShownAndStoredJSONStaysJSON(t *testing.T) {
	t.Parallel()
	r := NewRedactor()
	r.KeepCredential("nice-key-0123")
	r.KeepCredential("98765432")
	for _, test := range []struct{ name, content, shown, stored string }{
		{"nothing", `{"a":"b"}`, `{"a":"b"}`, `{"a":"b"}`},
		{"plain", `{"a":"x nice-key-0123 y"}`, `{"a":"x [redacted] y"}`, `{"a":"x [redacted] y"}`},
		{"a name", `{"nice-key-0123":[1.50,"nice-key-0123"]}`, `{"[redacted]":[1.50,"[redacted]"]}`, `{"[redacted]":[1.50,"[redacted]"]}`},
		{"hidden", "{\"a\":\"nice\u200b-key-0123\"}", `{"a":"[redacted]"}`, `{"a":"[redacted]"}`},
		{"hidden by an escape", `{"a":"nice\u001b-key-0123"}`, `{"a":"[redacted]"}`, `{"a":"[redacted]"}`},
		{"across an escape", `{"a":"\nice-key-0123","b":"\rok_0123456789"}`, `{"a":"\nice-key-0123","b":"\rok_0123456789"}`, `{"a":"\nice-key-0123","b":"\rok_0123456789"}`},
		{"a number", `{"a":987654321}`, `{"a":987654321}`, `{"a":987654321}`},
		{"a shape", `{"a":"rok_0123456789"}`, `{"a":"rok_0123456789"}`, `{"a":"[redacted]"}`},
		{"an address", `{"a":"https://x.example/?q=1"}`, `{"a":"https://x.example/?q=1"}`, `{"a":"https://x.example/?q=1"}`},
		{"an open private key", `{"a":"-----BEGIN PRIVATE KEY-----\nMII","b":"c"}`, `{"a":"-----BEGIN PRIVATE KEY-----\nMII","b":"c"}`, `{"a":"[redacted]","b":"c"}`},
	} {
		if got := string(r.WithoutCredentials([]byte(test.content))); got != test.shown {
			t.Errorf("%s: shown %s", test.name, got)
		}
		if got := string(r.Stored([]byte(test.content))); got != test.stored || !json.Valid([]byte(got)) {
			t.Errorf("%s: stored %s", test.name, got)
		}
	}
	if got := string(r.WithoutCredentials([]byte("no JSON: nice-key-0123\xff"))); strings.Contains(got, "nice") {
		t.Error(got)
	}
}
