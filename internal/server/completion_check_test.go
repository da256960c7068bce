package server

import (
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// TestWhatThereIsNotIsNotCompleted: an empty list would say that no value fits.
func TestWhatThereIsNotIsNotCompleted(t *testing.T) {
	s, _ := newCompletingServer(t, ownAgents)
	templates := []string{"robutler://agents/{name}", "robutler://content/{id}"}
	for way, ask := range raw(t, s) {
		for params, want := range map[string]want{
			`"ref":{"type":"ref/prompt","name":"hire_agnt"},"argument":{"name":"task","value":""}`: {
				codeInvalidParams, `unknown prompt "hire_agnt"; did you mean hire_agent?`, tools.CodeNotFound, []string{"hire_agent"}},
			`"ref":{"type":"ref/prompt","name":"hire_agent"},"argument":{"name":"tsk","value":""}`: {
				codeInvalidParams, "there is no argument of this name to complete", tools.CodeInvalidArgument, []string{"task", "budget_usd"}},
			`"ref":{"type":"ref/prompt","name":"hire_agent"},"argument":{}`: {
				codeInvalidParams, "the name of the argument to complete is missing", tools.CodeInvalidArgument, []string{"task", "budget_usd"}},
			`"ref":{"type":"ref/resource","uri":"robutler://agents/{id}"},"argument":{"name":"id","value":""}`: {
				codeInvalidParams, "no resource template is this one", tools.CodeNotFound, templates},
			`"ref":{"type":"ref/resource","uri":"robutler://account"},"argument":{"name":"name","value":""}`: {
				codeInvalidParams, "no resource template is this one", tools.CodeNotFound, templates},
			`"ref":{"type":"ref/resource","uri":"robutler://agents/{name}"},"argument":{"name":"id","value":""}`: {
				codeInvalidParams, "there is no argument of this name to complete", tools.CodeInvalidArgument, []string{"name"}},
		} {
			answer, status := ask("completion/complete", "", params)
			checkRefusal(t, way, answer, status, want)
		}
	}
}
