package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/golden"
)

// TestGoldenToolsList is the list as clients get it, byte for byte.
func TestGoldenToolsList(t *testing.T) { // not parallel: the library's stdio session is one a process
	for name, flags := range map[string][]string{
		"default": nil, "all": {"--toolsets", "all"}, "read_only": {"--toolsets", "all", "--read-only"},
		"no_money": {"--toolsets", "all", "--no-money"},
	} {
		checkToolsList(t, "tools_list_"+name+".golden", flags)
	}
}

func checkToolsList(t *testing.T, name string, flags []string) {
	t.Helper()
	got := executeWith(t, Streams{
		In: strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`), Environment: lookup(nil),
	}, append([]string{"stdio"}, flags...)...)
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(got.stdout), "", "  "); err != nil || got.status != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	golden.Check(t, name, indented.Bytes())
}

// A tool that the flags leave out is no unknown one.
func TestToolsThatFlagsLeaveOut(t *testing.T) { // not parallel: the library's stdio session is one a process
	request := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_agent","arguments":{}}}`
	got := executeWith(t, Streams{In: strings.NewReader(request), Environment: lookup(nil)}, "--tools", "get_credits")
	var answer struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Data    struct {
				Code string `json:"code"`
			} `json:"data"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.status != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if answer.Error.Code != -32602 || answer.Error.Data.Code != "not_enabled" ||
		answer.Error.Message != "the tool create_agent is not enabled in this configuration" {
		t.Errorf("got %s", got.stdout)
	}
}
