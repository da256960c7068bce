package hostile

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
)

// sseWire posts messages and reads the answers from a stream.
type sseWire struct {
	server   *server
	endpoint string
	web      *http.Client
	depart   context.CancelFunc
	inbox
}

func dialSSE(s *server) *sseWire {
	s.t.Helper()
	w := openSSE(s)
	if answer := ask(s.t, w, hello, `"hello"`); answer.Result == nil {
		s.t.Fatalf("initialize: %v %s", answer.err, answer.raw)
	}
	w.send(helloDone)
	return w
}

// openSSE opens a stream without introducing itself.
func openSSE(s *server) *sseWire {
	s.t.Helper()
	gone, leave := context.WithCancel(context.Background())
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	w := &sseWire{server: s, web: &http.Client{Transport: transport}, depart: leave}
	request, err := http.NewRequestWithContext(gone, http.MethodGet, "http://"+s.address+"/sse", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	w.introduce(request)
	response, err := w.web.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	events := bufio.NewReaderSize(response.Body, 1<<16)
	endpoint, err := nextEvent(events)
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("open a stream: status %d, %v", response.StatusCode, err)
	}
	w.endpoint = "http://" + s.address + string(endpoint)
	go func() {
		for {
			data, err := nextEvent(events)
			if err != nil {
				return
			}
			w.deliver(data)
		}
	}()
	s.t.Cleanup(func() {
		leave()
		_ = response.Body.Close()
		transport.CloseIdleConnections()
	})
	return w
}

func (w *sseWire) encode(id, method, params string) string { return plain(id, method, params) }

// send posts a message. A refusal comes with the POST, every other answer on the stream.
func (w *sseWire) send(message string, ids ...string) <-chan reply {
	to, settle := w.expect(ids)
	go func() {
		response, err := w.post(message)
		if err != nil {
			settle(reply{err: err})
			return
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode < http.StatusBadRequest && len(ids) > 0 {
			_, _ = io.Copy(io.Discard, response.Body) // the answer is on the stream
			return
		}
		settle(readReply(response))
	}()
	return to
}

func (w *sseWire) post(message string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.endpoint, strings.NewReader(message))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	w.introduce(request)
	return w.web.Do(request)
}

// introduce says who the client is, if the server asks for that.
func (w *sseWire) introduce(request *http.Request) {
	if w.server.bearer != "" {
		request.Header.Set("Authorization", "Bearer "+w.server.bearer)
	}
}

func (w *sseWire) leave() { w.depart() }

func (w *sseWire) host() *server { return w.server }
