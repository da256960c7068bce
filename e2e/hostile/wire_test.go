package hostile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wire is a client's raw connection: what a test hands it goes to the server byte by byte.
type wire interface {
	// encode builds a request as clients of the transport send it. The params are a JSON object.
	encode(id, method, params string) string
	// send sends a message. What comes first for one of the ids answers it, or what bears none.
	send(message string, ids ...string) <-chan reply
	// leave ends the connection without a word.
	leave()
	// host is the server at the other end.
	host() *server
}

// reply is the answer to a message.
type reply struct {
	status int // of HTTP; 0 over stdio
	raw    string
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Method string          `json:"method"`
	Params struct {
		Token json.RawMessage `json:"progressToken"`
	} `json:"params"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	// before are the notifications that came ahead of it on its own response.
	before int
	at     time.Time
	err    error // the connection broke
}

func parse(raw []byte) reply {
	r := reply{raw: string(raw), at: time.Now()}
	if err := json.Unmarshal(raw, &r); err != nil {
		r.err = fmt.Errorf("read %q: %w", r.raw, err)
	}
	r.ID = json.RawMessage(canonical(string(r.ID)))
	return r
}

// canonical gives an id in one spelling: a string may be escaped in several ways. Numbers stay as they are.
func canonical(id string) string {
	var text string
	if !strings.HasPrefix(id, `"`) || json.Unmarshal([]byte(id), &text) != nil {
		return strings.TrimSpace(id)
	}
	return strconv.Quote(text)
}

// code is the code of the error; 0 for none.
func (r reply) code() int {
	if r.Error == nil {
		return 0
	}
	return r.Error.Code
}

// outcome is the result of a call: what it gave, or what its error says.
type outcome struct {
	IsError           bool           `json:"isError"`
	StructuredContent map[string]any `json:"structuredContent"`
	Content           []struct {
		Text string `json:"text"`
	} `json:"content"`
	Meta struct {
		Failure struct {
			Code string `json:"code"`
		} `json:"robutler/error"`
	} `json:"_meta"`
}

func (r reply) outcome(t testing.TB) outcome {
	t.Helper()
	var out outcome
	if r.err != nil || r.Result == nil || json.Unmarshal(r.Result, &out) != nil {
		t.Fatalf("no result: %v %s", r.err, r.raw)
	}
	return out
}

// good is the structure of a call that succeeded.
func (r reply) good(t testing.TB) map[string]any {
	t.Helper()
	out := r.outcome(t)
	if out.IsError {
		t.Fatalf("the call failed: %s", r.raw)
	}
	return out.StructuredContent
}

// dial connects over a transport to a new server.
func dial(t testing.TB, over string, given settings) wire {
	t.Helper()
	if over == overStdio {
		return dialStdio(startStdio(t, given), true)
	}
	return dialHTTP(startHTTP(t, given), over)
}

// dialHTTP connects to a server that runs.
func dialHTTP(s *server, over string) wire {
	s.t.Helper()
	switch over {
	case overLegacy:
		return dialLegacy(s)
	case overModern:
		return newPoster(s, true)
	default:
		return dialSSE(s)
	}
}

const hello = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25",` +
	`"capabilities":{},"clientInfo":{"name":"hostile","version":"1"}}}`

const helloDone = `{"jsonrpc":"2.0","method":"notifications/initialized"}`

// plain builds a request of the revisions before 2026.
func plain(id, method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params)
}

// callOf builds the params of a call. The arguments are a JSON object.
func callOf(tool, arguments string) string {
	return fmt.Sprintf(`{"name":%q,"arguments":%s}`, tool, arguments)
}

// call builds the call of a tool.
func call(w wire, id, tool, arguments string) string {
	return w.encode(id, "tools/call", callOf(tool, arguments))
}

// ask sends a message and waits for its answer.
func ask(t testing.TB, w wire, message string, ids ...string) reply {
	t.Helper()
	return receive(t, w.send(message, ids...), "the answer to "+shortened(message))
}

// numbers gives each request of the tests an id of its own.
var numbers atomic.Int64

// fresh gives an id that no request had.
func fresh() string { return fmt.Sprint(1_000_000 + numbers.Add(1)) }

// do calls a tool and waits for the answer.
func do(t testing.TB, w wire, tool, arguments string) reply {
	t.Helper()
	id := fresh()
	return ask(t, w, call(w, id, tool, arguments), id)
}

// ping fails unless the server answers, and gives how long it took.
func ping(t testing.TB, w wire) time.Duration {
	t.Helper()
	began := time.Now()
	method := "ping"
	if p, ok := w.(*poster); ok && p.modern {
		method = "server/discover" // that revision has no ping
	}
	id := fresh()
	if answer := ask(t, w, w.encode(id, method, `{}`), id); answer.Result == nil {
		t.Errorf("ping: %v %s", answer.err, answer.raw)
	}
	return time.Since(began)
}

func shortened(text string) string {
	if len(text) > 200 {
		return text[:200] + "…"
	}
	return text
}

// inbox hands the messages of one stream to those who wait for them.
type inbox struct {
	mu      sync.Mutex
	waiting []waiter
	stray   []reply        // what nobody waits for
	reports map[string]int // of progress, by their token
}

type waiter struct {
	ids []string
	to  chan reply
}

// expect waits for the first answer to one of the ids, or for one without.
func (b *inbox) expect(ids []string) (chan reply, func(reply)) {
	to := make(chan reply, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, waiter{ids: ids, to: to})
	return to, func(r reply) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.waiting = slices.DeleteFunc(b.waiting, func(w waiter) bool { return w.to == to })
		select {
		case to <- r:
		default:
		}
	}
}

// deliver hands a message to who has waited longest for its id. What bears none refuses the message that came last.
func (b *inbox) deliver(line []byte) {
	r := parse(line)
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Method != "" {
		if b.reports == nil {
			b.reports = map[string]int{}
		}
		b.reports[string(r.Params.Token)]++
		return
	}
	id := string(r.ID)
	r.before = b.reports[id]
	at := slices.IndexFunc(b.waiting, func(w waiter) bool { return slices.Contains(w.ids, id) })
	if id == "null" || id == "" {
		at = len(b.waiting) - 1
	}
	if at < 0 {
		b.stray = append(b.stray, r)
		return
	}
	b.waiting[at].to <- r
	b.waiting = slices.Delete(b.waiting, at, at+1)
}

// strays gives the answers that nobody waits for: to calls that were answered before, or were given up.
func (b *inbox) strays() []reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.stray)
}
