package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

// handClock is a clock that a test moves. A beat is taken before it returns.
type handClock struct {
	time  chan time.Time
	beats chan time.Time
}

func newHandClock() *handClock {
	c := &handClock{time: make(chan time.Time, 1), beats: make(chan time.Time)}
	c.time <- time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return c
}

func (c *handClock) now() time.Time {
	now := <-c.time
	c.time <- now
	return now
}

func (c *handClock) advance(by time.Duration) { c.time <- (<-c.time).Add(by) }

func (c *handClock) ticks(time.Duration) (ticks <-chan time.Time, stop func()) {
	return c.beats, func() {}
}

// beat lets an interval pass.
func (c *handClock) beat() {
	c.advance(beatInterval)
	c.beats <- time.Time{}
}

// queued ends a call and gives the reports that wait to be written.
func queued(t *testing.T, p *progress) (reports []progressParams) {
	t.Helper()
	close(p.stopped)
	p.finish(t.Context())
	for message := range p.reports {
		var report progressReport
		if err := json.Unmarshal(message, &report); err != nil || report.Method != progressMethod || report.Params.Token != "t" {
			t.Errorf("report %s: %v", message, err)
		}
		report.Params.Token = nil
		reports = append(reports, report.Params)
	}
	return reports
}

func TestProgressGrowsAndKeepsToItsRate(t *testing.T) {
	c := newHandClock()
	p := trackProgress("t", nil, c)
	for _, step := range []struct {
		after    time.Duration
		reported tools.Progress
	}{
		{0, tools.Progress{Done: 0, Total: 10, Message: "begun"}},
		{progressGap - 1, tools.Progress{Done: 1}},       // too soon
		{1, tools.Progress{Done: 2, Total: math.Inf(1)}}, // an unknown total
		{progressGap, tools.Progress{Done: 2}},           // did not grow
		{progressGap, tools.Progress{Done: 1}},           // shrank
		{progressGap, tools.Progress{Done: math.NaN()}},  // is no number
		{progressGap, tools.Progress{Done: math.Inf(1)}}, // neither
		{progressGap, tools.Progress{Done: 2.5, Total: 10}},
	} {
		c.advance(step.after)
		p.report(step.reported)
	}
	got := queued(t, p)
	c.advance(time.Second)
	p.report(tools.Progress{Done: 9}) // after the end
	if want := []progressParams{{Total: 10, Message: "begun"}, {Progress: 2}, {Progress: 2.5, Total: 10}}; !slices.Equal(got, want) {
		t.Errorf("sent %+v", got)
	}
}

// A client that does not read must not hold up the call.
func TestProgressOfAFullQueueIsDropped(t *testing.T) {
	c := newHandClock()
	p := trackProgress("t", nil, c)
	for i := range 2 * maxReports {
		c.advance(progressGap)
		p.report(tools.Progress{Done: float64(i)})
	}
	if got := queued(t, p); len(got) != maxReports || got[maxReports-1].Progress != maxReports-1 {
		t.Errorf("sent %+v", got)
	}
}

// stalled is a client that takes nothing until it is let go.
type stalled struct{ release chan struct{} }

func (s stalled) notify([]byte) error {
	<-s.release
	return nil
}

func (stalled) explain(any, *explanation) {}
func (stalled) fill(*filling)             {}

// A client that has stopped reading holds up neither the reports nor, for long, the result.
func TestProgressDoesNotWaitForAStalledClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, client := newHandClock(), stalled{release: make(chan struct{})}
		p := trackProgress("t", client, c)
		go p.run()
		for i := range 3 * maxReports {
			c.advance(progressGap)
			p.report(tools.Progress{Done: float64(i)})
		}
		before := time.Now()
		p.finish(t.Context())
		if waited := time.Since(before); waited != flushTime {
			t.Errorf("waited %s", waited)
		}
		close(client.release)
		<-p.stopped
	})
}

func TestHeartbeatsTellTheTime(t *testing.T) {
	c := newHandClock()
	p := trackProgress("t", nil, c)
	beat := func() {
		c.advance(beatInterval)
		p.heartbeat()
	}
	beat()
	beat()
	c.advance(beatInterval / 2)
	p.report(tools.Progress{Done: 4, Total: 8})
	beat() // the tool has just said something
	beat()
	want := []progressParams{
		{Progress: 0.001, Message: "still waiting for the platform, 5 s"},
		{Progress: 0.002, Message: "still waiting for the platform, 10 s"},
		{Progress: 4, Total: 8},
		{Progress: 4.001, Message: "still waiting for the platform, 23 s"},
	}
	if got := queued(t, p); !slices.Equal(got, want) {
		t.Errorf("sent %+v", got)
	}
}

// steps are the reports of the tool "work": enough for the last ones to be under way when the call ends.
const steps = maxReports

// newWorkingServer serves the fakes and "work", which reports its steps as fast as is allowed.
func newWorkingServer(t *testing.T, f *fakes) (*Server, *handClock) {
	t.Helper()
	s, _ := newTestServer(t, f)
	c := newHandClock()
	s.clock = c
	s.mcp.AddTool(mcp.NewToolWithRawSchema("work", "Works.", json.RawMessage(`{"type":"object"}`)), s.work(c))
	return s, c
}

func (s *Server) work(c *handClock) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		p := s.newProgress(ctx, request.Params.Meta)
		go p.run()
		for i := range steps {
			c.advance(progressGap)
			p.report(tools.Progress{Done: float64(i), Total: steps})
		}
		p.finish(ctx)
		return mcp.NewToolResultText("done"), nil
	}
}

func workLine(id, meta string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"work","arguments":{},` + meta + `}}`
}

const tokenMeta = `"_meta":{"progressToken":"<a>"}`

// checkSteps reads all reports and then the result.
func checkSteps(t *testing.T, next func() rpcAnswer) {
	t.Helper()
	for i := range steps {
		report := next()
		want := fmt.Sprintf(`{"progress":%d,"progressToken":"<a>","total":%d}`, i, steps)
		var got, wanted any
		if json.Unmarshal(report.Params, &got) != nil || json.Unmarshal([]byte(want), &wanted) != nil ||
			report.Method != progressMethod || fmt.Sprint(got) != fmt.Sprint(wanted) {
			t.Fatalf("report %d: %s %s, %s", i, report.Method, report.Params, report.Result)
		}
	}
	if result := next(); !strings.Contains(string(result.Result), "done") {
		t.Fatalf("result: %+v", result)
	}
}

func TestProgressComesBeforeTheResultOverStdio(t *testing.T) {
	s, _ := newWorkingServer(t, newFakes())
	run := startStdio(t, s)
	run.hello()
	for i := range 20 {
		run.send(workLine(strconv.Itoa(i+1), tokenMeta))
		checkSteps(t, func() rpcAnswer {
			answer, _ := run.next()
			return answer
		})
	}
	_ = run.in.Close()
	run.end()
}

func TestProgressComesBeforeTheResultOverSSE(t *testing.T) {
	s, _ := newWorkingServer(t, newFakes())
	stream := startHTTP(t, s, HTTPOptions{}).sse()
	stream.post(initializeLine)
	stream.next()
	for i := range 20 {
		stream.post(workLine(strconv.Itoa(i+1), tokenMeta))
		checkSteps(t, stream.next)
	}
}

// eventsOf reads the events of a response.
func eventsOf(t *testing.T, response *http.Response) func() rpcAnswer {
	t.Helper()
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("the answer is %s", kind)
	}
	stream := sseRun{events: bufio.NewScanner(response.Body)}
	return func() rpcAnswer { return parseAnswer(t, []byte(stream.data())) }
}

func TestProgressComesBeforeTheResultOverHTTP(t *testing.T) {
	s, _ := newWorkingServer(t, newFakes())
	run := startHTTP(t, s, HTTPOptions{})
	session := run.session()
	modern := strings.Replace(modernMeta, `"_meta":{`, `"_meta":{"progressToken":"<a>",`, 1)
	for i := range 20 {
		checkSteps(t, eventsOf(t, run.do(http.MethodPost, "/mcp", workLine(strconv.Itoa(i+1), tokenMeta), session)))
		checkSteps(t, eventsOf(t, run.do(http.MethodPost, "/mcp", workLine(strconv.Itoa(i+1), modern), modernHeaders("work")...)))
	}
}

func TestRunningCallsBeat(t *testing.T) {
	f := newFakes()
	s, c := newWorkingServer(t, f)
	run := startStdio(t, s)
	run.hello()
	run.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait","arguments":{"text":"a"},"_meta":{"progressToken":7}}}`)
	receive(t, f.started, "the call")
	for _, seconds := range []string{"5 s", "10 s"} {
		go c.beat()
		answer, _ := run.next()
		if said := string(answer.Params); !strings.Contains(said, "still waiting for the platform, "+seconds) ||
			!strings.Contains(said, `"progressToken":7`) || strings.Contains(said, "total") {
			t.Errorf("beat: %s", said)
		}
	}
	close(f.release)
	if answer, _ := run.next(); !strings.Contains(string(answer.Result), `"text":"a"`) {
		t.Errorf("result: %+v", answer)
	}
	// Who asks for no reports gets none.
	run.send(callLine("2", "echo", `{"text":"b"}`))
	if answer, _ := run.next(); string(answer.ID) != "2" {
		t.Errorf("got %+v", answer)
	}
	_ = run.in.Close()
	run.end()
}
