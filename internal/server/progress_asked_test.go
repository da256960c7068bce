package server

import (
	"context"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// slowHandle takes its time over what was agreed to.
type slowHandle struct {
	oneHandle

	started, release chan struct{}
}

func (g *slowHandle) Pass(ctx context.Context, call tools.GatedCall) (tools.Result, error) {
	if call.Confirmation != "" {
		g.started <- struct{}{}
		<-g.release
	}
	return g.oneHandle.Pass(ctx, call)
}

// TestHeartbeatsTellWhomTheCallWaitsFor: while the user reads a form, nobody waits for the platform.
func TestHeartbeatsTellWhomTheCallWaitsFor(t *testing.T) { // not parallel: the library's stdio session is one a process
	gate := &slowHandle{started: make(chan struct{}), release: make(chan struct{})}
	s, c := asking(t, gate), newHandClock()
	s.clock = c
	run := startStdio(t, s)
	run.send(strings.Replace(initializeLine, `"capabilities":{}`, `"capabilities":{"elicitation":{}}`, 1))
	for {
		if answer, ok := run.next(); !ok || string(answer.ID) == "0" {
			break
		}
	}
	run.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete_api_key","arguments":{"key_id":"k1"},"_meta":{"progressToken":7}}}`)
	asked, _ := run.next()
	if asked.Method != "elicitation/create" {
		t.Fatalf("%+v", asked)
	}
	beat := func(want string) {
		t.Helper()
		go c.beat()
		if answer, _ := run.next(); !strings.Contains(string(answer.Params), want) {
			t.Errorf("beat: %s, want %s", answer.Params, want)
		}
	}
	beat("still waiting for the user's answer, 5 s")
	run.send(`{"jsonrpc":"2.0","id":` + string(asked.ID) + `,"result":{"action":"accept","content":{"agree":true}}}`)
	receive(t, gate.started, "the call")
	beat("still waiting for the platform, 10 s")
	close(gate.release)
	if answer, _ := run.next(); !strings.Contains(string(answer.Result), "done") {
		t.Errorf("result: %+v", answer)
	}
	_ = run.in.Close()
	run.end()
}
