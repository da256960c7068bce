package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary stands for what must never reach a client.
const canary = "sk_live_canary_7f3a"

// patience bounds what a test waits for before it fails; no test succeeds by waiting.
const patience = 20 * time.Second

type echoInput struct {
	Text string `json:"text"`
}

type echoOutput struct {
	Text string `json:"text"`
}

type noInput struct{}

// fakes are tools whose calls a test holds and lets go.
type fakes struct {
	started chan string   // a call of wait or stubborn began
	givenUp chan struct{} // a call of wait was given up
	release chan struct{} // lets calls of wait and stubborn end
}

func newFakes() *fakes {
	return &fakes{started: make(chan string, 64), givenUp: make(chan struct{}, 64), release: make(chan struct{})}
}

func (f *fakes) all() []tools.Tool {
	read := func(name string) tools.Spec {
		return tools.Spec{Name: name, Title: "Title of " + name, Description: "Does " + name + ".",
			Toolset: tools.ToolsetAgents, Class: client.Read, OpenWorld: true}
	}
	money := read("pay")
	money.Class, money.OpenWorld = client.Money, false
	return []tools.Tool{
		tools.Define(read("echo"), func(_ context.Context, in echoInput) (echoOutput, error) { return echoOutput(in), nil }),
		tools.Define(read("wait"), f.wait),
		tools.Define(read("stubborn"), func(_ context.Context, in echoInput) (echoOutput, error) {
			f.started <- in.Text
			<-f.release
			return echoOutput(in), nil
		}),
		tools.Define(read("explode"), func(context.Context, noInput) (echoOutput, error) { panic(canary) }),
		tools.Define(read("fail"), func(context.Context, noInput) (echoOutput, error) {
			return echoOutput{}, errors.New("dial " + canary)
		}),
		tools.Define(read("missing"), func(context.Context, noInput) (echoOutput, error) {
			return echoOutput{}, fmt.Errorf("get agent: %w", client.ErrNotFound)
		}),
		tools.Define(money, func(_ context.Context, in echoInput) (echoOutput, error) { return echoOutput(in), nil }),
	}
}

// wait ends when it is let go or given up.
func (f *fakes) wait(ctx context.Context, in echoInput) (echoOutput, error) {
	f.started <- in.Text
	select {
	case <-f.release:
		return echoOutput(in), nil
	case <-ctx.Done():
		f.givenUp <- struct{}{}
		return echoOutput{}, ctx.Err()
	}
}

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func collect(t testing.TB, offered ...tools.Tool) *tools.Catalog {
	t.Helper()
	catalog, err := tools.Collect(offered, nil)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// newTestServer serves the fakes. What it logs is in the buffer.
func newTestServer(t testing.TB, f *fakes) (*Server, *syncBuffer) {
	t.Helper()
	log := &syncBuffer{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := New(Options{Catalog: collect(t, f.all()...), Version: "1.2.3", Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

// receive waits for a value, or fails.
func receive[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}
