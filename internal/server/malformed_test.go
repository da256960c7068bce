package server

import (
	"strings"
	"testing"
)

// Params of the wrong type, or with a cursor that no list gave, are refused in this server's words: those of Go name its
// types.
func TestMalformedParamsAreExplained(t *testing.T) {
	const says = "the params are not those of the method: a member is missing, of another type, or has a value that is none"
	s, _ := serve(t, workflowTools()...)
	asks := raw(t, s)
	for _, params := range []struct{ method, params string }{
		{"tools/call", `"name":5`}, {"tools/call", `"name":"list_agents","requestState":5`}, {"prompts/get", `"name":[]`},
		{"resources/read", `"uri":{}`}, {"tools/list", `"cursor":"!"`}, {"prompts/list", `"cursor":7`},
		{"completion/complete", `"ref":5`},
	} {
		for transport, ask := range asks {
			if strings.Contains(transport, "http, modern") {
				continue // the headers of this revision are checked before
			}
			answer, status := ask(params.method, "", params.params)
			checkRefusal(t, params.method+" "+params.params+" over "+transport, answer, status,
				want{codeInvalidParams, says, "invalid_argument", nil})
		}
	}
}
