package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

// claims takes every bearer for a name. The platform knows those that begin with known.
type claims struct {
	asked atomic.Int32
	down  atomic.Bool
}

func (c *claims) Authenticate(r *http.Request) (Principal, error) {
	name := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return Principal{ID: name, KeyAdvice: "advice", Key: func(context.Context) (string, error) { return name, nil },
		Verify: func(context.Context) error {
			c.asked.Add(1)
			switch {
			case c.down.Load():
				return errors.New("down")
			case strings.HasPrefix(name, "known"):
				return nil
			default:
				return &Refusal{Status: http.StatusUnauthorized, Reason: "the platform does not know this key"}
			}
		}}, nil
}

func (*claims) Documents() map[string][]byte { return nil }

func startClaims(t *testing.T) (*httpRun, *claims, *heldClock) {
	t.Helper()
	s, _ := serve(t, whoTools()...)
	clock, platform := &heldClock{at: time.Unix(1_800_000_000, 0)}, new(claims)
	s.clock = clock
	return startHTTP(t, s, HTTPOptions{Authenticator: platform, RateLimits: RateLimits{Read: 20}}), platform, clock
}

func (r *httpRun) calledBy(name, tool string) string {
	r.t.Helper()
	return text(r.t, r.do(http.MethodPost, "/mcp", modernCall("1", tool), as(name, modernHeaders(tool)...)...))
}

// TestMadeUpBearersAreNotRelayed: what anybody can make up neither reaches the platform without end nor gets an allowance
// of its own, and takes none from those that the platform knows.
func TestMadeUpBearersAreNotRelayed(t *testing.T) {
	run, platform, clock := startClaims(t)
	if got := run.calledBy("known-alice", "get_agent"); !strings.Contains(got, "known-alice") {
		t.Fatal(got)
	}
	over := 0
	for i := range 4 * askBurst {
		got := run.calledBy("made-up-"+strconv.Itoa(i), "get_agent")
		switch {
		case strings.Contains(got, tools.CodeRateLimited):
			over++
		case !strings.Contains(got, tools.CodeKeyRefused) || !strings.Contains(got, "advice"):
			t.Fatal(got)
		}
	}
	if n := platform.asked.Load(); n != askBurst || over != 3*askBurst+1 {
		t.Errorf("asked %d times, %d over the limit", n, over)
	}
	statuses := map[int]int{}
	for i := range 2 * strangerBurst {
		response := run.do(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{`+modernMeta+`}}`,
			as("stranger-"+strconv.Itoa(i), "Mcp-Protocol-Version: 2026-07-28", "Mcp-Method: tools/list")...)
		text(t, response)
		statuses[response.StatusCode]++
	}
	if statuses[http.StatusOK] != strangerBurst || statuses[http.StatusTooManyRequests] != strangerBurst {
		t.Errorf("messages: %v", statuses)
	}
	if got := run.calledBy("known-alice", "get_agent"); !strings.Contains(got, "known-alice") {
		t.Errorf("who is known: %s", got)
	}
	clock.at = clock.at.Add(time.Second)
	if got := run.calledBy("known-bob", "get_agent"); !strings.Contains(got, "known-bob") {
		t.Errorf("who is new: %s", got)
	}
}

func TestARefusedBearerIsRememberedShortly(t *testing.T) {
	run, platform, clock := startClaims(t)
	for range 3 {
		run.calledBy("unknown", "get_agent")
		for target, body := range map[string]string{"POST /mcp": initializeLine, "GET /sse": ""} {
			method, path, _ := strings.Cut(target, " ")
			if response := run.do(method, path, body, as("unknown")...); response.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s: %d", target, response.StatusCode)
			}
		}
	}
	if n := platform.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	clock.at = clock.at.Add(refusedFor)
	run.calledBy("unknown", "get_agent")
	if n := platform.asked.Load(); n != 2 {
		t.Errorf("after a while: asked %d times", n)
	}
}

// TestAKnownBearerIsAskedAboutSeldom, but anew once the platform refuses it.
func TestAKnownBearerIsAskedAboutSeldom(t *testing.T) {
	run, platform, clock := startClaims(t)
	asked := func(want int32) {
		t.Helper()
		if n := platform.asked.Load(); n != want {
			t.Errorf("asked %d times, not %d", n, want)
		}
	}
	run.session(as("known")...)
	run.calledBy("known", "get_agent")
	asked(1)
	run.calledBy("known", "get_user") // the platform refuses the key
	run.calledBy("known", "get_agent")
	asked(2)
	clock.at = clock.at.Add(acceptedFor)
	platform.down.Store(true)
	if got := run.calledBy("known", "get_agent"); !strings.Contains(got, "key of known") && !strings.Contains(got, "known, known") {
		t.Errorf("a call while nothing can be found out tells by itself: %s", got)
	}
	asked(3)
	if response := run.do(http.MethodPost, "/mcp", initializeLine, as("known")...); response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a session then: %d", response.StatusCode)
	}
}

// TestOneQuestionServesAll: a new caller may begin with many calls at once.
func TestOneQuestionServesAll(t *testing.T) {
	t.Parallel()
	n := newNewcomers(&heldClock{at: time.Unix(1_800_000_000, 0)})
	var asked atomic.Int32
	begun, release := make(chan struct{}), make(chan struct{})
	who := &Principal{ID: "alice", Verify: func(ctx context.Context) error {
		asked.Add(1)
		close(begun)
		<-release
		return ctx.Err()
	}}
	gone, leave := context.WithCancel(t.Context())
	var meeting sync.WaitGroup
	meet := func(ctx context.Context) {
		meeting.Go(func() {
			if wait, err := n.meet(ctx, who); wait != 0 || err != nil {
				t.Errorf("%v, %v", wait, err)
			}
		})
	}
	meet(gone)
	<-begun
	leave() // the first one's leaving is nothing to the others
	for range 10 * askBurst {
		meet(t.Context())
	}
	close(release)
	meeting.Wait()
	if asked.Load() != 1 || len(n.asking) != 0 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestRecallForgets(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	r := newRecall[int](time.Minute)
	for i := range 2 * maxLimited {
		r.put(strconv.Itoa(i), i, now)
	}
	if _, ok := r.get("0", now); ok || len(r.entries) != maxLimited || r.recent.Len() != maxLimited {
		t.Errorf("%d entries", len(r.entries))
	}
	last := strconv.Itoa(2*maxLimited - 1)
	if got, ok := r.get(last, now); !ok || got != 2*maxLimited-1 {
		t.Errorf("%d, %v", got, ok)
	}
	if _, ok := r.get(last, now.Add(-time.Second)); ok {
		t.Error("a clock that was set back makes it last")
	}
	r.put("new", 1, now.Add(time.Minute))
	if len(r.entries) != 1 {
		t.Errorf("%d entries after a minute", len(r.entries))
	}
}
