package server

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

const (
	progressMethod = string(mcp.MethodNotificationProgress)
	// progressGap keeps a call to ten reports a second.
	progressGap = 100 * time.Millisecond
	// beatInterval is how often a call that says nothing is reported as running: clients give up calls that are silent.
	beatInterval = 5 * time.Second
	// beatStep is so small that heartbeats do not overtake what the tool reports.
	beatStep = 0.001
	// maxReports bounds the reports that wait for a slow client; further ones are dropped.
	maxReports = 16
	// flushTime bounds how long a result waits for the reports before it.
	flushTime = 250 * time.Millisecond
)

// progressReport is a notification of progress.
type progressReport struct {
	JSONRPC string         `json:"jsonrpc"`
	Method  string         `json:"method"`
	Params  progressParams `json:"params"`
}

type progressParams struct {
	Token    any     `json:"progressToken"`
	Progress float64 `json:"progress"`
	Total    float64 `json:"total,omitempty"`
	Message  string  `json:"message,omitempty"`
}

// progress reports to the client how far one call is.
type progress struct {
	token   any
	out     outlet
	clock   clock
	started time.Time

	mu     sync.Mutex
	awaits string // whom the call waits for
	ended  bool
	spoke  bool // the tool reported since the last heartbeat
	last   bool // the report that all is done went out
	done   float64
	sentAt time.Time

	// reports are written by a goroutine of their own: a client that reads slowly must not hold up its call.
	reports chan []byte
	stopped chan struct{}
}

// follow makes a call report its progress, if the client asked for that. The caller calls finish before it answers.
func (s *Server) follow(ctx context.Context, meta *mcp.Meta) (followed context.Context, finish func()) {
	p := s.newProgress(ctx, meta)
	if p == nil {
		return ctx, func() {}
	}
	go p.run()
	return tools.WithProgress(context.WithValue(ctx, followedKey{}, p), p.report), func() { p.finish(ctx) }
}

// followedKey carries the *progress of a call.
type followedKey struct{}

// Whom a call can wait for.
const (
	thePlatform = "the platform"
	theUser     = "the user's answer"
)

// awaiting notes whom a call waits for from now on, which is the platform unless somebody is asked.
func awaiting(ctx context.Context, whom string) {
	p, ok := ctx.Value(followedKey{}).(*progress)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.awaits = whom
}

// newProgress gives nil when the client asked for no reports, or they could not reach it.
func (s *Server) newProgress(ctx context.Context, meta *mcp.Meta) *progress {
	out := outletOf(ctx)
	if out == nil || meta == nil {
		return nil
	}
	token := meta.ProgressToken
	switch token.(type) {
	case string:
		return trackProgress(token, out, s.clock)
	case float64:
		if exact := progressTokenOf(ctx); exact != nil {
			return trackProgress(exact, out, s.clock)
		}
		return trackProgress(token, out, s.clock)
	default:
		return nil
	}
}

func trackProgress(token any, out outlet, c clock) *progress {
	return &progress{
		token: token, out: out, clock: c, started: c.now(), awaits: thePlatform, done: math.Inf(-1),
		reports: make(chan []byte, maxReports), stopped: make(chan struct{}),
	}
}

// report passes on what a tool reports, unless it came too soon after the last report or did not grow.
func (p *progress) report(reported tools.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spoke = true
	total := reported.Total
	if math.IsNaN(total) || math.IsInf(total, 0) {
		total = 0
	}
	p.queue(progressParams{Progress: reported.Done, Total: max(total, 0), Message: reported.Message})
}

func (p *progress) heartbeat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spoke {
		p.spoke = false
		return
	}
	waited := p.clock.now().Sub(p.started).Round(time.Second)
	p.queue(progressParams{
		Progress: max(p.done, 0) + beatStep,
		Message:  fmt.Sprintf("still waiting for %s, %d s", p.awaits, int(waited.Seconds())),
	})
}

// queue hands a report over for writing. The gap does not hold back the report that all is done: no other would make up
// for it. The caller holds the lock.
func (p *progress) queue(params progressParams) {
	now := p.clock.now()
	last := params.Total > 0 && params.Progress >= params.Total && !p.last
	tooSoon := !last && !p.sentAt.IsZero() && now.Sub(p.sentAt) < progressGap
	grown := params.Progress > p.done && !math.IsInf(params.Progress, 1)
	if p.ended || tooSoon || !grown {
		return
	}
	params.Token = p.token
	message, err := json.Marshal(progressReport{JSONRPC: mcp.JSONRPC_VERSION, Method: progressMethod, Params: params})
	if err != nil {
		return
	}
	select {
	case p.reports <- message:
		p.done, p.sentAt, p.last = params.Progress, now, p.last || last
	default:
	}
}

// run writes reports, and tells that the call goes on while its tool says nothing, until the call ends.
func (p *progress) run() {
	defer close(p.stopped)
	ticks, stop := p.clock.ticks(beatInterval)
	defer stop()
	for {
		select {
		case <-ticks:
			p.heartbeat()
		case message, ok := <-p.reports:
			if !ok || p.out.notify(message) != nil {
				return
			}
		}
	}
}

// finish lets no report through any more and waits for those that are under way, for a moment.
func (p *progress) finish(ctx context.Context) {
	p.mu.Lock()
	p.ended = true
	close(p.reports)
	p.mu.Unlock()
	limit := time.NewTimer(flushTime)
	defer limit.Stop()
	select {
	case <-p.stopped:
	case <-ctx.Done():
	case <-limit.C:
	}
}
