package consent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

var _ tools.Gate = (*Gate)(nil)

// Gate decides whether a call that changes something is made now. It is safe for concurrent use.
type Gate struct {
	options Options
	self    process
	audit   *auditTrail

	// mu guards what follows.
	mu      sync.Mutex
	journal *journal
	opening *opening // nil while nobody opens the journal
	pruned  time.Time
	doubts  []doubt
	closed  bool
	running sync.WaitGroup
}

// opening is one try to open the journal, which all that need it wait for.
type opening struct {
	ended   chan struct{}
	journal *journal
	err     error
}

// Open makes a gate. A journal that cannot be opened, or not before ctx ends, is no error: until it can, the calls that
// need it are refused.
func Open(ctx context.Context, options Options) (*Gate, error) {
	options, err := options.complete()
	if err != nil {
		return nil, err
	}
	g := &Gate{options: options, self: thisProcess(options.Instance)}
	g.audit = newAuditTrail(options.AuditFolder, g.self, options.Now)
	ctx, cancel := context.WithTimeout(ctx, journalTimeout)
	defer cancel()
	j, err := g.await(ctx)
	if err != nil {
		options.Logger.WarnContext(ctx, "calls that move money or destroy are refused", slog.Any("error", err))
		return g, nil
	}
	g.tidy(ctx, j)
	return g, nil
}

// Check reports why calls that need journal and audit trail would be refused, or nil. It ends with its context.
func (g *Gate) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, journalTimeout)
	defer cancel()
	j, err := g.await(ctx)
	if err != nil {
		return err
	}
	return errors.Join(j.prune(ctx), g.audit.ready())
}

// opened gives the journal to a call, whose leaving changes nothing.
func (g *Gate) opened(ctx context.Context) (*journal, error) {
	ctx, cancel := journalContext(ctx)
	defer cancel()
	return g.await(ctx)
}

// await gives the journal, and opens it if need be: after a failure it is tried anew with the next call. One try serves all
// that come meanwhile, each of which waits for as long as its own context lets it.
func (g *Gate) await(ctx context.Context) (*journal, error) {
	g.mu.Lock()
	if g.closed || g.journal != nil {
		defer g.mu.Unlock()
		if g.closed {
			return nil, errClosed
		}
		return g.journal, nil
	}
	if g.opening == nil {
		g.opening = &opening{ended: make(chan struct{})}
		go g.open(context.WithoutCancel(ctx), g.opening)
	}
	try := g.opening
	g.mu.Unlock()
	select {
	case <-try.ended:
		return try.journal, try.err
	case <-ctx.Done():
		return nil, fmt.Errorf("open journal: it has not answered yet: %w", ctx.Err())
	}
}

// open opens the journal without holding the lock: a database may accept and stay silent.
func (g *Gate) open(ctx context.Context, try *opening) {
	ctx, cancel := journalContext(ctx)
	defer cancel()
	j, err := openJournal(ctx, g.options.Journal, g.options.Now, g.self)
	if err == nil {
		if err = j.giveUp(ctx, ""); err != nil {
			_ = j.close() // the first error says it all
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil && g.closed {
		err = errors.Join(errClosed, j.close())
	}
	if err == nil {
		g.journal, try.journal = j, j
	}
	try.err = err
	g.opening = nil
	close(try.ended)
}

var errClosed = errors.New("this server is ending")

// journalContext bounds the work on the journal, which nobody's leaving may cut in two.
func journalContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), journalTimeout)
}

// Close refuses further calls, waits until those that were sent have ended, and closes the journal.
func (g *Gate) Close(ctx context.Context) error {
	g.mu.Lock()
	g.closed = true
	j := g.journal
	g.journal = nil
	g.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		g.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		// Their rows stay as sent: the next start finds them.
		g.options.Logger.WarnContext(ctx, "calls were still running at the end; their outcome is unknown")
	}
	err := g.audit.close()
	if j != nil {
		err = errors.Join(err, j.close())
	}
	return err
}

// begin announces a call that Close has to wait for.
func (g *Gate) begin() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return errClosed
	}
	g.running.Add(1)
	return nil
}

// pruneInterval is how often old rows are removed, at most.
const pruneInterval = time.Hour

// tidy removes old rows now and then. That it fails is no reason to refuse a call.
func (g *Gate) tidy(ctx context.Context, j *journal) {
	g.mu.Lock()
	now := g.options.Now()
	due := now.Sub(g.pruned) >= pruneInterval || now.Before(g.pruned)
	if due {
		g.pruned = now
	}
	g.mu.Unlock()
	if !due {
		return
	}
	if err := j.prune(ctx); err != nil {
		g.options.Logger.WarnContext(ctx, "the journal was not pruned", slog.Any("error", err))
	}
}

// Journals reports whether calls of a class go through the journal. Others need none.
func (m Mode) Journals(class client.Class) bool {
	switch class {
	case client.Read:
		return false
	case client.Update, client.Create:
		return m == ModeAlways
	default:
		return true
	}
}

// Pass makes the call, or answers for it: with an earlier result, with what somebody has to agree to, or with an error.
func (g *Gate) Pass(ctx context.Context, call tools.GatedCall) (tools.Result, error) {
	if !g.options.Mode.Journals(call.Spec.Class) {
		return call.Do(ctx)
	}
	j, err := g.opened(ctx)
	if err != nil {
		g.options.Observe(call.Spec.Class.String(), tools.CodeJournalUnavailable)
		return tools.Result{}, g.unavailable(ctx, err)
	}
	asked, err := newAttempt(j, tools.CallerOf(ctx), call)
	if err != nil {
		return tools.Result{}, err
	}
	g.tidy(ctx, j)
	g.takeBack(ctx, j)
	result, err := g.decide(ctx, asked)
	if !asked.made {
		g.note(ctx, asked, auditOutcome(result, err))
	}
	return result, err
}

// unavailable refuses a call because the journal or the audit trail fails.
func (g *Gate) unavailable(ctx context.Context, cause error) error {
	g.options.Logger.ErrorContext(ctx, "a call was refused: the journal or the audit trail fails", slog.Any("error", cause))
	return &tools.Error{
		Code: tools.CodeJournalUnavailable, Retryable: true,
		Message: "nothing was sent: the journal that keeps calls from being made twice cannot be written",
		NextStep: "Tell the user to look at the disk or the database that --journal names, and at this server's log. " +
			"Tools that only read go on working.",
	}
}
