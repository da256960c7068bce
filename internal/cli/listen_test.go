package cli

import (
	"net"
	"strings"
	"testing"
)

// TestAnAddressThatIsTaken sees that both commands that listen say what to do when something else does so already.
func TestAnAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	for _, line := range [][]string{{"http", "--sandbox"}, {"sandbox"}} {
		got := execute(t, nil, append(line, "--sandbox-db", ":memory:", "--addr", address)...)
		if got.status != 1 || strings.Count(got.stderr, address) != 1 || !strings.Contains(got.stderr, "name another address with --addr") {
			t.Errorf("%s: %+v", line, got)
		}
	}
}
