package e2e

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// memory gives what the process holds, in bytes, and the most that it ever held.
func (p *pipes) memory() (now, peak int64) {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		p.t.Skip("there is no /proc to read memory from")
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = kilobytes << 10
		case "VmHWM":
			peak = kilobytes << 10
		}
	}
	return now, peak
}

// TestOversizeLinesAreRefused sends lines of any length, and one without an end.
func TestOversizeLinesAreRefused(t *testing.T) {
	const limit, bound, patience = 4 << 20, 32 << 20, 500 * time.Millisecond
	for name, size := range map[string]int{"64 MB": 64 << 20, "256 MB": 256 << 20, "endless": 1 << 40} {
		t.Run(name, func(t *testing.T) {
			p := pipe(t, nil, "--sandbox", "--sandbox-db", ":memory:")
			before, _ := p.memory()
			block := []byte(strings.Repeat("x", 1<<16))
			exceeded, gone := make(chan time.Time, 1), make(chan struct{})
			go func() {
				defer close(gone)
				for sent := 0; sent < size; sent += len(block) {
					if _, err := p.in.Write(block); err != nil {
						return
					}
					if sent <= limit && sent+len(block) > limit {
						exceeded <- time.Now()
					}
				}
				_, _ = io.WriteString(p.in, "\n"+`{"jsonrpc":"2.0","id":"next","method":"ping"}`+"\n")
			}()
			id, code := errorOf(t, p.receive())
			took := time.Since(<-exceeded)
			if name != "endless" {
				if next := p.receive(); !strings.Contains(next, `"next"`) {
					t.Errorf("the next line: %s", next)
				}
				<-gone
			}
			_, peak := p.memory()
			t.Logf("refused within %v, %d KiB more memory", took, (peak-before)>>10)
			if id != "null" || code != -32600 || took > patience || peak-before > bound {
				t.Errorf("id %s, code %d, after %v, %d bytes more", id, code, took, peak-before)
			}
		})
	}
}

// TestAnswersWhileEveryWorkerIsBusy measures what does not call a tool while 32 calls run and 1,000 wait.
func TestAnswersWhileEveryWorkerIsBusy(t *testing.T) {
	p := pipe(t, platform(t, "GET /api/* delay=50s"))
	for i := range 32 + 1000 {
		p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_agents","arguments":{}}}`, i))
	}
	time.Sleep(200 * time.Millisecond) // for the calls to be on their way
	var slowest time.Duration
	for i := range 50 {
		method := []string{"ping", "tools/list", "resources/list"}[i%3]
		began := time.Now()
		p.send(fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}`, 1031-i))
		p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"q%d","method":%q}`, i, method))
		if answer := p.receive(); !strings.Contains(answer, fmt.Sprintf(`"q%d"`, i)) || !strings.Contains(answer, `"result"`) {
			t.Fatalf("%.200s", answer)
		}
		slowest = max(slowest, time.Since(began))
	}
	t.Logf("the slowest answer took %v", slowest)
	if slowest > 100*time.Millisecond {
		t.Errorf("an answer took %v", slowest)
	}
	for i := range 51 { // 50 take the place of those that were given up
		p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"more%d","method":"tools/call","params":{"name":"list_agents","arguments":{}}}`, i))
	}
	if id, code := errorOf(t, p.receive()); id != `"more50"` || code != -32000 {
		t.Errorf("beyond the queue: id %s, code %d", id, code)
	}
}
