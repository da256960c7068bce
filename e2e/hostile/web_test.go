package hostile

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// webRows are about HTTP itself.
func webRows(platform *gateway) []row {
	return []row{
		{fault: "slowloris: 500 headers, 500 bodies", limit: "closed in 10 s, a call in 1 s", over: []string{overLegacy, overSSE}, probe: func(t *testing.T, over string) string {
			return slowloris(t, platform, over)
		}},
		{fault: "a version that nobody speaks", limit: "400", over: []string{overLegacy, overModern}, probe: func(t *testing.T, over string) string {
			return wrongVersion(t, platform, over)
		}},
		{fault: "headers that differ from the body", limit: "400, -32020", over: []string{overModern}, probe: func(t *testing.T, _ string) string {
			return headersDiffer(t, platform)
		}},
		{fault: "HEAD, PUT, PATCH, OPTIONS, TRACE", limit: "405 and Allow", over: []string{"http"}, probe: func(t *testing.T, _ string) string {
			return otherMethods(t, platform)
		}},
		{fault: "HTTP/1.0 and no keep-alive", limit: "answered", over: []string{overModern}, probe: func(t *testing.T, _ string) string { return oldHTTP(t, platform) }},
		{fault: "buffering proxies", limit: "told not to", over: []string{overLegacy, overSSE}, probe: func(t *testing.T, over string) string {
			return unbuffered(t, platform, over)
		}},
	}
}

// half opens a connection that sends a part of a request and then a byte a second, until the server closes it.
func half(address, part string) (open time.Duration, err error) {
	connection, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return 0, err
	}
	defer func() { _ = connection.Close() }()
	began := time.Now()
	if _, err := io.WriteString(connection, part); err != nil {
		return 0, err
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = connection.SetReadDeadline(began.Add(slowBound))
		_, _ = io.Copy(io.Discard, connection)
	}()
	drip := time.NewTicker(time.Second)
	defer drip.Stop()
	for {
		select {
		case <-closed:
			return time.Since(began), nil
		case <-drip.C:
			_, _ = io.WriteString(connection, "a") // the other side may have closed
		}
	}
}

const (
	// slowLimit is how long a server may wait for a slow client, and slowBound how long the test waits.
	slowLimit = 10 * time.Second
	slowBound = 14 * time.Second
)

func slowloris(t *testing.T, platform *gateway, over string) string {
	const each = 500
	w := dial(t, over, offering(platform))
	address, path := w.host().address, "/mcp"
	if stream, ok := w.(*sseWire); ok {
		path = strings.TrimPrefix(stream.endpoint, "http://"+address)
	}
	headers := "POST " + path + " HTTP/1.1\r\nHost: " + address + "\r\nContent-Type: application/json\r\nX-Slow: "
	body := strings.TrimSuffix(headers, "X-Slow: ") + "Content-Length: 1000\r\n\r\n{"
	var (
		opening sync.WaitGroup
		mu      sync.Mutex
		longest time.Duration
		late    int
	)
	for i := range 2 * each {
		part := headers
		if i%2 == 1 {
			part = body
		}
		opening.Go(func() {
			open, err := half(address, part)
			mu.Lock()
			defer mu.Unlock()
			longest = max(longest, open)
			if err != nil || open > slowLimit {
				late++
			}
		})
	}
	closed := make(chan struct{})
	go func() {
		opening.Wait()
		close(closed)
	}()
	slowest, calls := callsUntil(t, w, closed)
	if late > 0 {
		t.Errorf("%d of %d connections are open after %s", late, 2*each, slowLimit)
	}
	within(t, "the slowest call meanwhile", slowest, time.Second)
	return fmt.Sprintf("%d of %d closed in %.1f s, %d calls, slowest %s", 2*each-late, 2*each, longest.Seconds(), calls, milliseconds(slowest))
}

// callsUntil calls a tool again and again, and gives how long the slowest call took.
func callsUntil(t *testing.T, w wire, done <-chan struct{}) (slowest time.Duration, calls int) {
	t.Helper()
	for {
		select {
		case <-done:
			return slowest, calls
		case <-time.After(100 * time.Millisecond):
		}
		began := time.Now()
		do(t, w, "get_credits", `{}`).good(t)
		slowest = max(slowest, time.Since(began))
		calls++
	}
}

// posted posts a message with some headers changed, and gives the answer.
func posted(t *testing.T, p *poster, message string, change map[string]string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.server.address+"/mcp", strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = p.header.Clone()
	for name, value := range change {
		request.Header.Set(name, value)
		if value == "" {
			request.Header.Del(name)
		}
	}
	response, err := p.web.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	return readReply(response)
}

func wrongVersion(t *testing.T, platform *gateway, over string) string {
	p := dial(t, over, offering(platform)).(*poster)
	versions := []string{"1999-01-01", "2099-12-31", "latest", "2025-11-25 "}[:3]
	for _, version := range versions {
		message := p.encode("1", "tools/list", `{}`)
		change := map[string]string{"MCP-Protocol-Version": version}
		if p.modern {
			message = strings.Replace(message, modernVersion, version, 1)
			change["Mcp-Method"] = "tools/list"
		}
		if answer := posted(t, p, message, change); answer.status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d %s", version, answer.status, shortened(answer.raw))
		}
	}
	ping(t, p)
	return fmt.Sprintf("%d refused", len(versions))
}

func headersDiffer(t *testing.T, platform *gateway) string {
	p := dial(t, overModern, offering(platform)).(*poster)
	name := word()
	message := call(p, "1", "get_agent", fmt.Sprintf(`{"agent":%q}`, name))
	good := map[string]string{"Mcp-Method": "tools/call", "Mcp-Name": "get_agent"}
	changes := []map[string]string{
		{"Mcp-Method": "tools/list"}, {"Mcp-Method": ""}, {"Mcp-Name": "get_credits"}, {"Mcp-Name": ""}, {"Mcp-Name": "GET_AGENT"},
		{"MCP-Protocol-Version": "2025-11-25"}, {"MCP-Protocol-Version": ""},
	}
	for _, change := range changes {
		sent := map[string]string{}
		maps.Copy(sent, good)
		maps.Copy(sent, change)
		answer := posted(t, p, message, sent)
		if answer.status != http.StatusBadRequest || answer.code() > -32000 {
			t.Errorf("%v is answered with %d %s", change, answer.status, shortened(answer.raw))
		}
	}
	notRun(t, platform, name)
	return fmt.Sprintf("%d refused, 0 ran", len(changes))
}

func otherMethods(t *testing.T, platform *gateway) string {
	s := startHTTP(t, offering(platform))
	asked := 0
	for _, path := range []string{"/mcp", "/sse", "/message"} {
		for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodOptions, http.MethodTrace} {
			request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.address+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			asked++
			preflight := method == http.MethodOptions && response.StatusCode == http.StatusNoContent
			if (response.StatusCode != http.StatusMethodNotAllowed && !preflight) || response.Header.Get("Allow") == "" {
				t.Errorf("%s %s: %d, Allow %q", method, path, response.StatusCode, response.Header.Get("Allow"))
			}
		}
	}
	return fmt.Sprintf("%d told", asked)
}

func oldHTTP(t *testing.T, platform *gateway) string {
	p := dial(t, overModern, offering(platform)).(*poster)
	message := p.encode("1", "tools/list", `{}`)
	connection, err := net.Dial("tcp", p.server.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_, err = fmt.Fprintf(connection, "POST /mcp HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nAccept: application/json, text/event-stream\r\n"+
		"MCP-Protocol-Version: %s\r\nMcp-Method: tools/list\r\n\r\n%s", p.server.address, len(message), modernVersion, message)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer := readReply(response); answer.status != http.StatusOK || answer.Result == nil {
		t.Errorf("answered with %d %s", answer.status, answer.raw)
	}
	return "200"
}

// unbuffered fails unless streams tell proxies to pass events on at once.
func unbuffered(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.host().address+"/sse", nil)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := w.(*poster); ok {
		request.URL.Path = "/mcp"
		request.Header = p.header.Clone()
		request.Header.Set("Accept", "text/event-stream")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("status %d, %v", response.StatusCode, response.Header)
	}
	return "X-Accel-Buffering: no"
}
