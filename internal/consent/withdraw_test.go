package consent

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// TestANoEndsTheHandle, but nothing that was agreed to before.
func TestANoEndsTheHandle(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		folder := filepath.Join(t.TempDir(), "audit")
		b := newBench(t, place, auditing(folder))
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		for range 2 {
			if err := b.gate.Withdraw(t.Context(), handle); err != nil {
				t.Fatal(err)
			}
		}
		_, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
		wantCode(t, err, tools.CodeConfirmationInvalid)
		wantCommits(t, b, 0)
		if pending, err := b.gate.Pending(t.Context(), ""); err != nil || len(pending) != 0 {
			t.Fatalf("it still waits: %+v %v", pending, err)
		}
		agreed := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		call := b.call("0.5")
		inner := call.Do
		call.Do = func(ctx context.Context) (tools.Result, error) {
			if err := b.gate.Withdraw(ctx, agreed); err != nil {
				t.Error(err)
			}
			return inner(ctx)
		}
		if _, err := b.gate.Pass(t.Context(), confirmed(call, agreed)); err != nil {
			t.Fatal(err)
		}
		if err := b.gate.Withdraw(t.Context(), agreed); err != nil {
			t.Fatal(err)
		}
		if got := statesOf(t, b.gate, ""); !slices.Equal(got, []State{Succeeded}) {
			t.Fatalf("%v", got)
		}
		if err := b.gate.Withdraw(t.Context(), "c1forged"); err == nil || !strings.HasPrefix(err.Error(), "withdraw call: ") {
			t.Fatalf("a forged handle: %v", err)
		}
	})
}

// TestANoHoldsAgainstAYesOnItsWay withdraws what was asked once its handle has been looked at, ahead of the claim.
func TestANoHoldsAgainstAYesOnItsWay(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
		call := b.call("0.5")
		shown := call.Preview
		call.Preview = func(ctx context.Context) (tools.Preview, error) {
			if err := b.gate.Withdraw(ctx, handle); err != nil {
				t.Error(err)
			}
			return shown(ctx)
		}
		_, err := b.gate.Pass(t.Context(), confirmed(call, handle))
		wantCode(t, err, tools.CodeConfirmationInvalid)
		wantCommits(t, b, 0)
	})
}
