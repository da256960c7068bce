package consent

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

// The child of a test of kills learns from these where the journal is, and which handle to use.
const (
	killPlace  = "CONSENT_TEST_PLACE"
	killHandle = "CONSENT_TEST_HANDLE"
)

// TestKilledServer is the server that TestKillLeavesAnUnknownOutcome kills: it sends, says so, and never hears back.
func TestKilledServer(t *testing.T) {
	place, handle := os.Getenv(killPlace), os.Getenv(killHandle)
	if place == "" {
		t.Skip("only as a child of another test")
	}
	b := newBench(t, place)
	call := confirmed(b.call("0.5"), handle)
	call.Do = func(ctx context.Context) (tools.Result, error) {
		_, _ = os.Stderr.WriteString("sent\n")
		<-ctx.Done()
		return tools.Result{}, ctx.Err()
	}
	_, err := b.gate.Pass(t.Context(), call)
	t.Errorf("it lived on: %v", err)
}

func TestKillLeavesAnUnknownOutcome(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledServer$", "-test.v")
		child.Env = append(os.Environ(), killPlace+"="+place, killHandle+"="+handle)
		output, err := child.StderrPipe()
		if err == nil {
			err = child.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		sent := false
		for lines := bufio.NewScanner(output); !sent && lines.Scan(); {
			sent = strings.HasSuffix(lines.Text(), "sent")
		}
		_, err = b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
		wantCode(t, err, tools.CodeInProgress) // it is known to live
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		if !sent {
			t.Fatal("the child did not send")
		}
		restarted := b.open(t)
		_, err = restarted.Pass(t.Context(), confirmed(b.call("0.5"), handle))
		wantCode(t, err, tools.CodeOutcomeUnknown)
		pending, err := restarted.Pending(t.Context(), "")
		if err != nil || len(pending) != 1 || pending[0].State != Unknown {
			t.Fatalf("%+v %v", pending, err)
		}
		b.clock.Advance(time.Minute)
		_, err = b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
		wantCode(t, err, tools.CodeOutcomeUnknown)
		wantCommits(t, b, 0)
	})
}
