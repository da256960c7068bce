package hostile

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	// pipelined is how many calls come at once, and pipelineGoal how long that should take on two idle cores. Slower
	// machines only print what it took: the bound is for servers that stall.
	pipelined     = 10_000
	pipelineBound = 20 * time.Second
	// pipelineMemory is what the server may hold meanwhile, in KiB.
	pipelineMemory = 64 << 10
	// busyLimit is how soon a server whose workers are all busy answers what needs none.
	busyLimit = 100 * time.Millisecond
)

// loadRows are about many calls at once.
func loadRows(platform *gateway) []row {
	return []row{
		{fault: "10,000 pings", limit: "each once, goal 2 s, 64 MiB", over: []string{overStdio, overLegacy, overSSE}, probe: func(t *testing.T, over string) string {
			return pipeline(t, platform, over, "ping", `{}`)
		}},
		{fault: "10,000 calls that are refused", limit: "each once, goal 2 s, 64 MiB", over: everywhere(), probe: func(t *testing.T, over string) string {
			return pipeline(t, platform, over, "tools/call", callOf("list_agents", `{"limit":"many"}`))
		}},
		{fault: "10,000 calls to the platform", limit: "each once, 64 MiB", over: everywhere(), probe: func(t *testing.T, over string) string {
			return pipeline(t, platform, over, "tools/call", callOf("get_credits", `{}`))
		}},
		{fault: "ping and list while all workers are busy", limit: "100 ms", over: everywhere(), probe: func(t *testing.T, over string) string {
			return busyAnswers(t, platform, over)
		}},
		{fault: "cancel while all workers are busy", limit: "100 ms", over: []string{overStdio, overLegacy, overSSE}, probe: func(t *testing.T, over string) string {
			return busyCancels(t, platform, over)
		}},
	}
}

// pipeline sends requests as fast as the transport takes them, and counts the answers. HTTP clients have 64 under way.
func pipeline(t *testing.T, platform *gateway, over, method, params string) string {
	given := offering(platform)
	given.direct = true
	w := dial(t, over, given)
	w.host().forget()
	began := time.Now()
	var good int
	if over == overStdio {
		good = sendAll(t, w, method, params)
	} else {
		good = sendInTurn(t, w, method, params)
	}
	took := time.Since(began)
	memory := w.host().peak()
	if good != pipelined {
		t.Errorf("%d of %d are answered well", good, pipelined)
	}
	if extra := strays(w); len(extra) > 0 {
		t.Errorf("%d answers that nobody waits for, such as %s", len(extra), extra[0].raw)
	}
	if memory > pipelineMemory {
		t.Errorf("the server held %d MiB", memory>>10)
	}
	within(t, "the whole", took, pipelineBound)
	return fmt.Sprintf("%d, %.2f s, %d MiB", good, took.Seconds(), memory>>10)
}

// strays gives the answers that nobody waited for, where the transport can show any.
func strays(w wire) []reply {
	switch w := w.(type) {
	case *stdioWire:
		return w.strays()
	case *sseWire:
		return w.strays()
	default:
		return nil
	}
}

// sendAll sends everything, and then reads.
func sendAll(t *testing.T, w wire, method, params string) (good int) {
	t.Helper()
	var bad reply
	answers := make([]<-chan reply, pipelined)
	for i := range answers {
		id := fmt.Sprint(i)
		answers[i] = w.send(w.encode(id, method, params), id)
	}
	for _, answer := range answers {
		got := receive(t, answer, "an answer")
		if isGood(got) {
			good++
			continue
		}
		bad = got
	}
	if bad.raw != "" {
		t.Errorf("an answer that is none: %s", bad.raw)
	}
	return good
}

// sendInTurn keeps 64 requests under way.
func sendInTurn(t *testing.T, w wire, method, params string) (good int) {
	t.Helper()
	const width = 64
	var (
		sending sync.WaitGroup
		mu      sync.Mutex
	)
	for lane := range width {
		sending.Go(func() {
			mine := 0
			for i := lane; i < pipelined; i += width {
				id := fmt.Sprint(i)
				if isGood(<-w.send(w.encode(id, method, params), id)) {
					mine++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			good += mine
		})
	}
	sending.Wait()
	return good
}

// isGood reports whether a request was answered with a result.
func isGood(r reply) bool {
	return r.err == nil && r.Result != nil && !slices.Contains([]string{"", "null"}, string(r.ID))
}

// occupy lets every worker of the server, and its queue, hang in calls that the platform does not answer.
func occupy(t *testing.T, platform *gateway, w wire, over string) *barrier {
	t.Helper()
	held := platform.hold("GET", creditsRoute, false)
	calls := map[string]int{overStdio: 32 + 1000 + 50, overSSE: 90, overLegacy: 200, overModern: 200}[over]
	running := map[string]int{overStdio: 32}[over]
	if running == 0 {
		running = calls
	}
	for i := range calls {
		id := fmt.Sprint(i + 1)
		w.send(call(w, id, "get_credits", `{}`), id)
	}
	for range running {
		receive(t, held.arrived, "the call at the platform")
	}
	return held
}

func busyAnswers(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	defer occupy(t, platform, w, over).lift()
	var longest time.Duration
	for range 20 {
		longest = max(longest, ping(t, w))
		began := time.Now()
		if answer := ask(t, w, w.encode(`"list"`, "tools/list", `{}`), `"list"`); answer.Result == nil {
			t.Fatalf("tools/list: %v %s", answer.err, shortened(answer.raw))
		}
		longest = max(longest, time.Since(began))
	}
	within(t, "the slowest answer", longest, busyLimit)
	return "slowest " + milliseconds(longest)
}

func busyCancels(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	held := occupy(t, platform, w, over)
	defer held.lift()
	began := time.Now()
	w.send(cancelled("1"))
	took := receive(t, held.aborted, "the end of the request to the platform").Sub(began)
	within(t, "giving up", took, busyLimit)
	return milliseconds(took)
}
