package hostile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode"
)

const modernVersion = "2026-07-28"

const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"` + modernVersion + `","io.modelcontextprotocol/clientCapabilities":{},` +
	`"io.modelcontextprotocol/clientInfo":{"name":"hostile","version":"1"}}`

// poster posts messages to /mcp, each on its own.
type poster struct {
	server *server
	modern bool
	header http.Header
	web    *http.Client
	gone   context.Context // ends when the client leaves
	depart context.CancelFunc
}

func newPoster(s *server, modern bool) *poster {
	s.t.Helper()
	gone, leave := context.WithCancel(context.Background())
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	p := &poster{server: s, modern: modern, header: http.Header{}, web: &http.Client{Transport: transport}, gone: gone, depart: leave}
	p.header.Set("Content-Type", "application/json")
	if s.bearer != "" {
		p.header.Set("Authorization", "Bearer "+s.bearer)
	}
	p.header.Set("Accept", "application/json, text/event-stream")
	if modern {
		p.header.Set("MCP-Protocol-Version", modernVersion)
	}
	s.t.Cleanup(func() {
		leave()
		transport.CloseIdleConnections()
	})
	return p
}

// dialLegacy opens a session.
func dialLegacy(s *server) *poster {
	s.t.Helper()
	p := newPoster(s, false)
	response, err := p.post(hello)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		s.t.Fatal(err)
	}
	id := response.Header.Get("Mcp-Session-Id")
	if response.StatusCode != http.StatusOK || id == "" {
		s.t.Fatalf("initialize: status %d, session %q", response.StatusCode, id)
	}
	p.header.Set("Mcp-Session-Id", id)
	p.header.Set("MCP-Protocol-Version", "2025-11-25")
	receive(s.t, p.send(helloDone), "the end of the greeting")
	return p
}

func (p *poster) encode(id, method, params string) string {
	if !p.modern {
		return plain(id, method, params)
	}
	rest := strings.TrimPrefix(strings.TrimSpace(params), "{")
	if rest != "}" {
		rest = "," + rest
	}
	return plain(id, method, "{"+modernMeta+rest)
}

// post posts a message, under the headers that the revision demands.
func (p *poster) post(message string) (*http.Response, error) {
	return p.postBody(strings.NewReader(message), int64(len(message)), message)
}

// postBody posts a body. The headers are those of a message.
func (p *poster) postBody(body io.Reader, length int64, message string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(p.gone, http.MethodPost, "http://"+p.server.address+"/mcp", body)
	if err != nil {
		return nil, err
	}
	request.ContentLength = length
	request.Header = p.header.Clone()
	if p.modern {
		var named struct {
			Method string `json:"method"`
			Params struct {
				Name string `json:"name"`
			} `json:"params"`
		}
		named.Method = "tools/list"
		_ = json.Unmarshal([]byte(message), &named) // what is no message still needs headers
		request.Header.Set("Mcp-Method", named.Method)
		if named.Params.Name != "" && !strings.ContainsFunc(named.Params.Name, unicode.IsControl) {
			request.Header.Set("Mcp-Name", named.Params.Name)
		}
	}
	return p.web.Do(request)
}

func (p *poster) send(message string, _ ...string) <-chan reply {
	to := make(chan reply, 1)
	go func() {
		response, err := p.post(message)
		if err != nil {
			to <- reply{err: err}
			return
		}
		defer func() { _ = response.Body.Close() }()
		to <- readReply(response)
	}()
	return to
}

// readReply reads an object, or the events up to the answer.
func readReply(response *http.Response) reply {
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		body, err := io.ReadAll(response.Body)
		if err != nil || len(bytes.TrimSpace(body)) == 0 {
			return reply{status: response.StatusCode, raw: string(body), err: err}
		}
		r := parse(body)
		r.status = response.StatusCode
		return r
	}
	events := bufio.NewReaderSize(response.Body, 1<<16)
	for before := 0; ; before++ {
		data, err := nextEvent(events)
		if err != nil {
			return reply{status: response.StatusCode, before: before, err: err}
		}
		if r := parse(data); r.Method == "" {
			r.status, r.before = response.StatusCode, before
			return r
		}
	}
}

var errNoAnswer = errors.New("the stream ended without an answer")

// nextEvent gives the data of the next event that has some.
func nextEvent(events *bufio.Reader) ([]byte, error) {
	for {
		line, err := events.ReadBytes('\n')
		if data, found := bytes.CutPrefix(line, []byte("data:")); found && len(bytes.TrimSpace(data)) > 0 {
			return bytes.TrimSpace(data), nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errNoAnswer
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *poster) leave() { p.depart() }

func (p *poster) host() *server { return p.server }
