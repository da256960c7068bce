package hostile

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// gateway stands before an embedded platform of its own process. It counts what goes to the platform, and holds back
// what a test wants held.
type gateway struct {
	url, key string
	behind   string // the address of the platform itself
	forward  http.Handler

	mu       sync.Mutex
	counts   map[string]int
	requests []string // as they came, with their bodies
	barriers []*barrier
	delay    time.Duration
}

// barrier holds requests back, until it is lifted.
type barrier struct {
	method, path string
	// committed says that the platform has done what is asked for, and only the answer is held.
	committed bool

	arrived chan string    // the path of each that is held
	aborted chan time.Time // when one that is held was given up
	lifted  chan struct{}  // closed when none is held any more
	lift    func()         // lifts it
}

// openGateway starts the platform, which holds what the sandbox begins with.
func openGateway(t testing.TB) *gateway {
	t.Helper()
	c := exec.Command(binary(t), "sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:")
	c.Env = []string{"HOME=" + t.TempDir()}
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	})
	said := map[string]string{}
	for scanner := bufio.NewScanner(pipe); len(said) < 2 && scanner.Scan(); {
		name, value, _ := strings.Cut(scanner.Text(), "=")
		said[name] = value
	}
	address, err := url.Parse(said["ROBUTLER_API_URL"])
	if err != nil || said["WEBAGENTS_API_KEY"] == "" {
		t.Fatalf("the embedded platform does not say where it is: %v, %v", said, err)
	}
	proxy := httputil.NewSingleHostReverseProxy(address)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	g := &gateway{behind: address.String(), key: said["WEBAGENTS_API_KEY"], forward: proxy, counts: map[string]int{}}
	front := httptest.NewServer(g)
	t.Cleanup(front.Close)
	t.Cleanup(g.liftAll)
	g.url = front.URL
	return g
}

// ServeHTTP passes a request on, unless it is held.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	held, delay := g.note(r, body)
	if delay > 0 {
		time.Sleep(delay)
	}
	if held == nil {
		g.forward.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	if held.committed {
		g.forward.ServeHTTP(answer, r.Clone(r.Context()))
	}
	held.arrived <- r.URL.Path
	select {
	case <-held.lifted:
	case <-r.Context().Done():
		held.aborted <- time.Now()
		return
	}
	if !held.committed {
		g.forward.ServeHTTP(w, r)
		return
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // whoever asked may be gone
}

// note counts a request and gives what holds it.
func (g *gateway) note(r *http.Request, body []byte) (*barrier, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts[r.Method+" "+r.URL.Path]++
	g.requests = append(g.requests, r.Method+" "+r.RequestURI+" "+string(body))
	for _, b := range g.barriers {
		if b.method == r.Method && strings.HasPrefix(r.URL.Path, b.path) {
			select {
			case <-b.lifted:
			default:
				return b, g.delay
			}
		}
	}
	return nil, g.delay
}

// hold holds back what begins with a method and a path: before the platform sees it, or once it has done it.
func (g *gateway) hold(method, path string, committed bool) *barrier {
	lifted := make(chan struct{})
	b := &barrier{
		method: method, path: path, committed: committed, arrived: make(chan string, 1<<14), aborted: make(chan time.Time, 1<<14),
		lifted: lifted, lift: sync.OnceFunc(func() { close(lifted) }),
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.barriers = append(g.barriers, b)
	return b
}

// slow makes the platform take its time.
func (g *gateway) slow(by time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.delay = by
}

func (g *gateway) liftAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, b := range g.barriers {
		b.lift()
	}
}

// count tells how many requests began with a method and a path.
func (g *gateway) count(prefix string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := 0
	for name, times := range g.counts {
		if strings.HasPrefix(name, prefix) {
			n += times
		}
	}
	return n
}

// seen gives every request that came, as it came.
func (g *gateway) seen() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.requests, "\n")
}
