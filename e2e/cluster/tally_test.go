package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tally counts what happens on the way. It is safe for concurrent use.
type tally struct {
	// retries are attempts that failed on the way; later are answers that told to come again.
	retries, later atomic.Int64

	mu        sync.Mutex
	calls     int
	latencies []time.Duration
	reasons   map[string]int
	wrong     []string
}

func newTally() *tally { return &tally{reasons: map[string]int{}} }

// broke counts an attempt that failed on the way.
func (t *tally) broke(err error) {
	t.retries.Add(1)
	reason := err.Error()
	for _, part := range []string{"on purpose", "Bad Gateway", "Service Unavailable", "Gateway Timeout", "EOF", "connection reset", "broken pipe", "refused",
		"client is closing", "revision", "not found", "Not Found"} {
		if strings.Contains(reason, part) {
			reason = part
			break
		}
	}
	t.reason(reason)
}

// asked counts an answer that told to come again.
func (t *tally) asked(code string) {
	t.later.Add(1)
	t.reason(code)
}

func (t *tally) reason(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reasons[text[max(0, len(text)-100):]]++
}

// answered counts a call that was answered, and how long that took with all that had to be tried again.
func (t *tally) answered(took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	t.latencies = append(t.latencies, took)
}

// fault notes an answer that is not right, or none.
func (t *tally) fault(format string, arguments ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong = append(t.wrong, fmt.Sprintf(format, arguments...))
}

// report prints the figures and fails for whatever was wrong.
func (t *tally) report(test *testing.T, took time.Duration) {
	test.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.Sort(t.latencies)
	at := func(share float64) time.Duration {
		if len(t.latencies) == 0 {
			return 0
		}
		return t.latencies[int(share*float64(len(t.latencies)-1))].Round(time.Millisecond)
	}
	test.Logf("%d calls in %v: %.0f a second; p50 %v, p99 %v, longest %v", t.calls, took.Round(time.Millisecond),
		float64(t.calls)/took.Seconds(), at(0.5), at(0.99), at(1))
	test.Logf("%d attempts failed on the way and were tried again; %d answers told to come again", t.retries.Load(), t.later.Load())
	for _, reason := range slices.Sorted(maps.Keys(t.reasons)) {
		test.Logf("  %5d x %s", t.reasons[reason], reason)
	}
	for i, fault := range t.wrong {
		if i == 20 {
			test.Errorf("and %d more", len(t.wrong)-i)
			break
		}
		test.Error(fault)
	}
}
