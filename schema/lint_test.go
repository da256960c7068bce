package schema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/schema"
)

func TestLintOutput(t *testing.T) {
	t.Parallel()
	const object = `{"type":"object","additionalProperties":false,"properties":{"a":`
	for property, want := range map[string]string{
		`{"type":"string","format":"binary"}`:                                         `a: the format "binary" is not known`,
		`{"type":"string","enum":[]}`:                                                 "a: the enum is not a list of values",
		`{"type":"string","enum":["x","x"]}`:                                          `a: the enum has "x" twice`,
		`{"type":"string","description":"caf\u00e9"}`:                                 "a: its description has characters beyond ASCII",
		`{"type":"string","description":"` + strings.Repeat("x", 201) + `"}`:          "a: its description has 201 characters",
		`{"type":"string","nullable":true}`:                                           "a: the keyword nullable",
		`{"type":"array","items":true}`:                                               "a[]: the schema is not an object",
		`{"type":"object","additionalProperties":true}`:                               "a{}: the schema is not an object",
		`{"type":"object","additionalProperties":{"$ref":"#"}}`:                       "a{}: the keyword $ref",
		`{"type":"object","properties":[],"additionalProperties":false}`:              "a: properties is not an object",
		strings.Repeat(`{"type":"array","items":`, 6) + `{}` + strings.Repeat(`}`, 6): "a[][][][][]: it nests deeper than 5 levels",
	} {
		findings := schema.LintOutput(json.RawMessage(object + property + `}}`))
		if len(findings) != 1 || !strings.Contains(findings[0], want) {
			t.Errorf("%s: findings %q, want %q", property, findings, want)
		}
	}
	for _, property := range []string{
		`{}`, `{"type":"string","format":"date-time"}`, `{"type":"object"}`, `{"type":"object","additionalProperties":{"type":"string"}}`,
	} {
		if findings := schema.LintOutput(json.RawMessage(object + property + `}}`)); len(findings) > 0 {
			t.Errorf("%s: findings %q", property, findings)
		}
	}
	for _, raw := range []string{``, `{`, `[]`, `{"type":5}`} {
		if len(schema.LintOutput(json.RawMessage(raw))) == 0 {
			t.Errorf("%s: no findings", raw)
		}
	}
	raw := `{"type":"object","additionalProperties":false,"properties":{"l":{"type":"array","description":"Some list of it.","items":{"type":"string"}}}}`
	if findings := schema.LintInput(json.RawMessage(raw)); len(findings) != 2 {
		t.Errorf("findings %q, want maxItems and maxLength", findings)
	}
}
