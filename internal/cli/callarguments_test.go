package cli

import (
	"strings"
	"testing"
)

func TestCallArguments(t *testing.T) {
	t.Parallel()
	got, faults := callArguments([]string{"a=1", "b=", "c=x", "c=y=z"}, `{"d":[1]}`)
	if want := `{"a":"1","b":"","c":["x","y=z"],"d":[1]}`; len(faults) > 0 || string(got) != want {
		t.Errorf("%s, %v", got, faults)
	}
}

// TestAllThatIsWrongIsSaidAtOnce, whether the words, the object, a flag or the tool's arguments are at fault.
func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	for line, wants := range map[string][]string{
		"create_agent nme=x limit":                                 {"4 problems", `"limit" must look like name=value`, `unknown argument "nme"`, "did you mean name?", `"instructions" is required`, "tools --md --tools create_agent"},
		"create_agent name instructions=x":                         {"1 problem ", `"name" must look like name=value`},
		`create_agent --args {"name":"h"`:                          {`--args must be a JSON object: unexpected end of JSON input, after {"name":"h"`, "single quotes", ` --args '{"name":"data-helper",`},
		`create_agent --args {name:h}`:                             {"invalid character 'n'", ", after {\n"},
		`create_agent --args x x`:                                  {"2 problems", "at its beginning", `"x" must look like`},
		`create_agent --args [1]`:                                  {"this is an array"},
		`create_agent --args null a=b`:                             {"this is null"},
		`get_agent --args {"agent":"a","agent":"b"}`:               {"1 problem ", `"agent" is given twice in --args`},
		`get_agent --args {"agent":"a","\u0061gent":"b"}`:          {"1 problem ", `"agent" is given twice in --args`},
		`get_agent agent=a --args {"agent":"b"}`:                   {"1 problem ", `"agent" is given in --args and as agent=value: leave out one of them`},
		`search_agents query=a query=b --args {"query":"b","x":1}`: {"2 problems", `"query" is given in --args`, `unknown argument "x"`},
		`lock_payment --args {"token":{"a":1,"a":2}}`:              {`"a" is given twice`},
		"get_credits --watch":                                      {"--watch shows an agent's answer as it comes, and get_credits gives none: leave it out"},
		"get_credit --watch x":                                     {`unknown tool "get_credit"`, "did you mean get_credits?"},
		"chat_with_agent --watch message=x":                        {"1 problem ", `"agent" is required`},
	} {
		got := execute(t, nil, append([]string{"call"}, append(strings.Fields(line), "--sandbox", "--sandbox-db", ":memory:")...)...)
		for _, want := range wants {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("%s: no %q in %s", line, want, got.stderr)
			}
		}
		if got.status != exitUsage || got.stdout != "" {
			t.Errorf("%s: %+v", line, got)
		}
	}
}
