package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// wire carries messages to a server over one transport and gives the answers. What came over it is kept.
type wire interface {
	ask(id int, message string) string
	close()
}

// pipeWire is stdio.
type pipeWire struct {
	t       *testing.T
	in      io.WriteCloser
	out     *bufio.Scanner
	answers map[int]string
}

func newPipeWire(t *testing.T, in io.WriteCloser, out io.Reader) *pipeWire {
	w := &pipeWire{t: t, in: in, out: bufio.NewScanner(out), answers: map[int]string{}}
	w.out.Buffer(nil, 8<<20)
	return w
}

func (w *pipeWire) ask(id int, message string) string {
	if _, err := io.WriteString(w.in, message+"\n"); err != nil {
		w.t.Fatal(err)
	}
	for w.answers[id] == "" && w.out.Scan() {
		w.answers[idOf(w.out.Bytes())] = w.out.Text()
	}
	return w.answers[id]
}

func (w *pipeWire) close() { _ = w.in.Close() }

func idOf(message []byte) int {
	var answer struct {
		ID int `json:"id"`
	}
	_ = json.Unmarshal(message, &answer)
	return answer.ID
}

// webWire is Streamable HTTP, with a session or in the 2026 revision, or SSE.
type webWire struct {
	t        *testing.T
	base     string
	web      *http.Client
	headers  http.Header
	modern   bool
	endpoint string
	events   *bufio.Scanner // of SSE
	leave    context.CancelFunc
	shown    *strings.Builder
}

func newWebWire(t *testing.T, base string, shown *strings.Builder) *webWire {
	return &webWire{t: t, base: base, web: &http.Client{Transport: &http.Transport{}}, headers: http.Header{}, endpoint: "/mcp", shown: shown}
}

func (w *webWire) send(method, path, body string, headers http.Header) *http.Response {
	w.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, w.base+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	maps.Copy(request.Header, headers)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	response, err := w.web.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	for name, values := range response.Header {
		w.shown.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
	}
	return response
}

// stream opens SSE, where answers come from then on.
func (w *webWire) stream() {
	ctx, leave := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base+"/sse", http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := w.web.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	w.leave = func() { leave(); _ = response.Body.Close() }
	w.events = bufio.NewScanner(response.Body)
	w.events.Buffer(nil, 8<<20)
	w.endpoint = w.nextEvent()
}

func (w *webWire) nextEvent() string {
	for w.events.Scan() {
		if data, ok := strings.CutPrefix(w.events.Text(), "data: "); ok {
			w.shown.WriteString(data + "\n")
			return data
		}
	}
	w.t.Error("the stream ended")
	return ""
}

func (w *webWire) ask(id int, message string) string {
	headers := w.headers.Clone()
	if w.modern {
		var called struct {
			Method string `json:"method"`
			Params struct {
				Name string `json:"name"`
				URI  string `json:"uri"`
			} `json:"params"`
		}
		_ = json.Unmarshal([]byte(message), &called)
		headers.Set("Mcp-Method", called.Method)
		headers.Set("Mcp-Name", called.Params.Name+called.Params.URI)
	}
	response := w.send(http.MethodPost, w.endpoint, message, headers)
	defer func() { _ = response.Body.Close() }()
	if session := response.Header.Get("Mcp-Session-Id"); session != "" {
		w.headers.Set("Mcp-Session-Id", session)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	w.shown.Write(body)
	if w.events == nil {
		answer := string(body)
		if _, data, found := strings.Cut(answer, fmt.Sprintf("data: {\"jsonrpc\":\"2.0\",\"id\":%d", id)); found {
			answer = fmt.Sprintf("{\"jsonrpc\":\"2.0\",\"id\":%d", id) + strings.Split(data, "\n")[0]
		}
		return answer
	}
	for {
		if event := w.nextEvent(); event == "" || idOf([]byte(event)) == id {
			return event
		}
	}
}

func (w *webWire) close() {
	if w.leave != nil {
		w.leave()
	}
	w.web.CloseIdleConnections()
}
