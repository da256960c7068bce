package hostile

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	// idleMemory is what 1,000 idle sessions may cost, in KiB.
	idleMemory = 20 << 10
	// streamMemory is what 1,000 open streams may cost, in KiB. Each is a connection, for which net/http alone keeps 12 KiB
	// of buffers and 10 KiB of stacks.
	streamMemory = 48 << 10
)

// sessionRows are about what clients leave behind, and what others could do with it.
func sessionRows(platform *gateway) []row {
	return []row{
		{fault: "1,000 idle sessions", limit: "+20 MiB, goroutines gone after", over: []string{overLegacy}, probe: func(t *testing.T, over string) string {
			return idle(t, platform, over, idleMemory, func(s *server) func() {
				w := dialLegacy(s)
				w.web.CloseIdleConnections()
				return w.leave
			})
		}},
		{fault: "1,000 idle streams", limit: "+48 MiB, goroutines gone after", over: []string{overSSE}, probe: func(t *testing.T, over string) string {
			return idle(t, platform, over, streamMemory, func(s *server) func() { return openSSE(s).leave })
		}},
		{fault: "a session that is forged or deleted", limit: "404", over: []string{overLegacy, overSSE}, probe: func(t *testing.T, over string) string {
			return deadSessions(t, platform, over)
		}},
		{fault: "a session of somebody else", limit: "404, the call goes on", over: []string{overLegacy, overSSE}, probe: func(t *testing.T, over string) string {
			return foreignSession(t, platform, over)
		}},
	}
}

func idle(t *testing.T, platform *gateway, over string, memory int, open func(*server) (leave func())) string {
	const clients = 1000
	profiles := freeAddress(t)
	s := startHTTP(t, offering(platform, "--pprof-addr", profiles))
	ping(t, dialHTTP(s, over))
	before, running := s.resident(), goroutines(t, profiles)
	var leaving []func()
	for range clients {
		leaving = append(leaving, open(s))
	}
	time.Sleep(200 * time.Millisecond) // the last answers are on their way
	grown := s.resident() - before
	if grown > memory {
		t.Errorf("%d idle clients cost %d MiB", clients, grown>>10)
	}
	began := time.Now()
	ping(t, dialHTTP(s, over))
	took := time.Since(began)
	most := goroutines(t, profiles)
	for _, leave := range leaving {
		leave()
	}
	// The clients of this row may still run some.
	left := goroutines(t, profiles)
	for began := time.Now(); left > running+20 && time.Since(began) < patience; left = goroutines(t, profiles) {
		time.Sleep(20 * time.Millisecond)
	}
	if left > running+20 {
		t.Errorf("%d goroutines ran before the clients came, and %d after they went", running, left)
	}
	return fmt.Sprintf("+%d MiB, a new client in %s, goroutines %d, %d, %d", grown>>10, milliseconds(took), running, most, left)
}

var profileTotal = regexp.MustCompile(`goroutine profile: total (\d+)`)

// goroutines asks a server how many it runs.
func goroutines(t *testing.T, profiles string) int {
	t.Helper()
	response, err := http.Get("http://" + profiles + "/debug/pprof/goroutine?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	match := profileTotal.FindSubmatch(text)
	if err != nil || match == nil {
		t.Fatalf("no profile: %v %s", err, text)
	}
	total, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// freeAddress gives a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// statusOf sends a request with the headers of a client, and gives the status of the answer.
func statusOf(t *testing.T, method, address, body string, header http.Header) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func deadSessions(t *testing.T, platform *gateway, over string) string {
	s := startHTTP(t, offering(platform))
	message := plain("1", "tools/list", `{}`)
	if over == overSSE {
		w := dialSSE(s)
		w.leave()
		began := time.Now()
		for statusOf(t, http.MethodPost, w.endpoint, message, nil) != http.StatusNotFound {
			if time.Since(began) > time.Second {
				t.Fatal("the session of a stream that is gone lives on")
			}
		}
		for _, id := range []string{"forged", "", strings.Repeat("A", 26)} {
			if status := statusOf(t, http.MethodPost, "http://"+s.address+"/message?sessionId="+id, message, nil); status != http.StatusNotFound {
				t.Errorf("%q: status %d", id, status)
			}
		}
		return "4 are 404"
	}
	deleted := dialLegacy(s)
	if status := statusOf(t, http.MethodDelete, "http://"+s.address+"/mcp", "", deleted.header); status != http.StatusOK && status != http.StatusNoContent {
		t.Errorf("DELETE: status %d", status)
	}
	ids := []string{deleted.header.Get("Mcp-Session-Id"), "forged", strings.Repeat("A", 26), "mcp-session-5a0bd6f0-6d9c-4c64-9b6e-3c0a5d1f7a11"}
	for _, id := range ids {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
			header := deleted.header.Clone()
			header.Set("Mcp-Session-Id", id)
			if status := statusOf(t, method, "http://"+s.address+"/mcp", message, header); status != http.StatusNotFound {
				t.Errorf("%s with %q: status %d", method, id, status)
			}
		}
	}
	return fmt.Sprintf("%d are 404", 3*len(ids))
}

// passthrough starts a server that takes each caller's own key, and gives the keys of two callers.
func passthrough(t *testing.T, platform *gateway) (s *server, ours, theirs string) {
	t.Helper()
	given := offering(platform, "--auth", "passthrough")
	given.keyless = true
	help, err := (&settings{}).prepare(t, "http", "--help-all").Output()
	if err != nil || !strings.Contains(string(help), "--auth") {
		t.Fatal("the server cannot tell callers apart yet: it has no --auth")
	}
	mint := settings{platform: platform}
	created, err := mint.prepare(t, "call", "create_api_key", "name=hostile", "--confirm", "off").Output()
	if err != nil {
		t.Fatalf("create a second key: %v %s", err, created)
	}
	var key map[string]any
	if err := json.Unmarshal(created, &key); err != nil {
		t.Fatal(err)
	}
	theirs, _ = key["api_key"].(string)
	if theirs == "" {
		t.Fatalf("no second key: %s", created)
	}
	return startHTTP(t, given), platform.key, theirs
}

func foreignSession(t *testing.T, platform *gateway, over string) string {
	s, ours, theirs := passthrough(t, platform)
	held := platform.hold(t, "GET", creditsRoute, false)
	s.bearer = ours
	w := dialHTTP(s, over)
	answer := busy(t, w, held, 1)[0]
	for _, bearer := range []string{theirs, "", "rok_forged"} {
		want := []int{http.StatusNotFound}
		if bearer != theirs {
			want = []int{http.StatusUnauthorized, http.StatusNotFound}
		}
		for _, status := range intrude(t, w, bearer) {
			if status != want[0] && status != want[len(want)-1] {
				t.Errorf("somebody else is answered with %d", status)
			}
		}
	}
	stillHeld(t, held)
	held.lift()
	receive(t, answer, "the answer to the call").good(t)
	return "404, the call is answered"
}

// intrude tries to use, to listen to, to end and to cancel in a session with another bearer.
func intrude(t *testing.T, w wire, bearer string) (statuses []int) {
	t.Helper()
	header := http.Header{}
	addresses := map[string]string{http.MethodPost: "http://" + w.host().address + "/mcp"}
	switch w := w.(type) {
	case *poster:
		header = w.header.Clone()
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			addresses[method] = addresses[http.MethodPost]
		}
	case *sseWire:
		addresses[http.MethodPost] = w.endpoint
	}
	header.Del("Authorization")
	if bearer != "" {
		header.Set("Authorization", "Bearer "+bearer)
	}
	for _, message := range []string{plain("9", "tools/list", `{}`), cancelled("1")} {
		statuses = append(statuses, statusOf(t, http.MethodPost, addresses[http.MethodPost], message, header))
	}
	for method, address := range addresses {
		if method != http.MethodPost {
			statuses = append(statuses, statusOf(t, method, address, "", header))
		}
	}
	return statuses
}
