package tools_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/tools"
)

// stage is a catalog in front of an embedded platform whose requests are recorded.
type stage struct {
	catalog *tools.Catalog
	mu      sync.Mutex
	asked   []string
}

func newStage(t testing.TB, roots ...string) *stage {
	t.Helper()
	platform, err := sandbox.Open(t.Context(), sandbox.Options{
		Database: sandbox.MemoryDatabase, Now: func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		platform.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		if err := platform.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	s.catalog = newCatalog(t, server.URL, platform.UserKey(), roots...)
	return s
}

func newCatalog(t testing.TB, base, key string, roots ...string) *tools.Catalog {
	t.Helper()
	c, err := client.New(client.WithAPIKey(key), client.WithBaseURL(base), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	uploadRoots, err := tools.OpenUploadRoots(roots)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := uploadRoots.Close(); err != nil {
			t.Errorf("close upload roots: %v", err)
		}
	})
	catalog, err := tools.NewCatalog(tools.Platform{Client: c, UploadRoots: uploadRoots})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func (s *stage) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// call calls a tool and holds its result to its output schema.
func (s *stage) call(t testing.TB, name, arguments string) (map[string]any, error) {
	t.Helper()
	return call(t, s.catalog, name, arguments)
}

func call(t testing.TB, catalog *tools.Catalog, name, arguments string) (map[string]any, error) {
	t.Helper()
	tool, err := catalog.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	result, err := tool.Call(t.Context(), json.RawMessage(arguments))
	if err != nil {
		return nil, err
	}
	checkSchema(t, tool, result)
	var object map[string]any
	if err := json.Unmarshal(result, &object); err != nil {
		t.Fatal(err)
	}
	return object, nil
}

func checkSchema(t testing.TB, tool tools.Tool, result json.RawMessage) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(tool.Output.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("output.json", document); err != nil {
		t.Fatal(err)
	}
	validator, err := compiler.Compile("output.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(result))
	if err != nil {
		t.Fatal(err)
	}
	if err := validator.Validate(value); err != nil {
		t.Errorf("%s: the result does not fit its schema: %v\n%s", tool.Name, err, result)
	}
}

func mustCall(t testing.TB, s *stage, name, arguments string) map[string]any {
	t.Helper()
	result, err := s.call(t, name, arguments)
	if err != nil {
		t.Fatalf("%s %s: %v", name, arguments, err)
	}
	return result
}

// TestExamplesWork calls every tool with its own example. Read-only tools must cause no mutating request, and
// repeating them must give the same.
func TestExamplesWork(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, tool := range s.catalog.Tools() {
		before := len(s.requests())
		first := mustCall(t, s, tool.Name, tool.Example)
		asked := s.requests()[before:]
		if len(asked) == 0 {
			t.Errorf("%s asked the platform nothing", tool.Name)
		}
		if !tool.Hints().ReadOnly {
			continue
		}
		for _, request := range asked {
			if !strings.HasPrefix(request, "GET ") && request != "POST /api/agents/search" {
				t.Errorf("%s is read-only and asked %s", tool.Name, request)
			}
		}
		if second := mustCall(t, s, tool.Name, tool.Example); encode(t, first) != encode(t, second) {
			t.Errorf("%s gives another result the second time", tool.Name)
		}
	}
}

func encode(t testing.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// TestGoldenResults shows a whole result of every reading tool, as a model sees it.
func TestGoldenResults(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var page bytes.Buffer
	for _, tool := range s.catalog.Tools() {
		if tool.Class != client.Read {
			continue
		}
		result, err := tool.Call(t.Context(), json.RawMessage(tool.Example))
		if err != nil {
			t.Fatal(err)
		}
		page.WriteString("# " + tool.Name + " " + tool.Example + "\n")
		if err := json.Indent(&page, result, "", "  "); err != nil {
			t.Fatal(err)
		}
		page.WriteString("\n\n")
	}
	checkGolden(t, "results.golden", page.Bytes())
}

func TestCreateThenGetThenSearch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	created := mustCall(t, s, "create_agent", `{"name":"tulip-expert","instructions":"Know tulips.","description":"Knows tulips",
		"intents":"[\"identify a tulip\"]","is_public":"true","model":"gpt-4o"}`)
	agent := created["agent"].(map[string]any)
	if !strings.HasPrefix(created["api_key"].(string), "rok_") || agent["model"] != "gpt-4o" || agent["is_public"] != true {
		t.Errorf("created = %v", created)
	}
	for _, reference := range []any{agent["id"], agent["name"]} {
		got := mustCall(t, s, "get_agent", encode(t, map[string]any{"agent": reference}))
		if encode(t, got["agent"]) != encode(t, agent) || strings.Contains(encode(t, got), "rok_") {
			t.Errorf("get %v = %v", reference, got)
		}
	}
	found := mustCall(t, s, "search_agents", `{"query":"identify a tulip","limit":1}`)["agents"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["name"] != "tulip-expert" {
		t.Errorf("found = %v", found)
	}
	if none := mustCall(t, s, "search_agents", `{"query":"quantum basket weaving","min_similarity":1}`); len(none["agents"].([]any)) != 0 ||
		!strings.Contains(none["notice"].(string), "lower min_similarity") {
		t.Errorf("none = %v", none)
	}
}

func TestListsPage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, rows := range map[string]string{"list_content": "files", "list_transactions": "transactions", "list_agents": "agents"} {
		seen := map[any]bool{}
		cursor := ""
		for pages := 0; ; pages++ {
			page := mustCall(t, s, name, encode(t, map[string]any{"limit": 1, "cursor": cursor}))
			for _, row := range page[rows].([]any) {
				id := row.(map[string]any)["id"]
				if seen[id] {
					t.Fatalf("%s: %v comes twice", name, id)
				}
				seen[id] = true
			}
			next, more := page["next_cursor"].(string)
			if more == page["complete"].(bool) {
				t.Errorf("%s: next_cursor %q and complete %v", name, next, page["complete"])
			}
			if !more {
				break
			}
			if cursor = next; pages > 20 {
				t.Fatalf("%s does not end", name)
			}
		}
		if len(seen) < 2 {
			t.Errorf("%s: %d rows", name, len(seen))
		}
		other := mustCall(t, s, "list_content", `{"limit":1}`)["next_cursor"].(string)
		for _, bad := range []string{"garbage", "e30", other} {
			if name == "list_content" && bad == other {
				continue
			}
			_, err := s.call(t, name, encode(t, map[string]any{"cursor": bad}))
			if explained := tools.Explain(err); explained.Code != tools.CodeInvalidArgument {
				t.Errorf("%s with cursor %q: %v", name, bad, err)
			}
		}
	}
	if kept := mustCall(t, s, "list_transactions", `{"type":"transfer"}`)["transactions"].([]any); len(kept) != 1 {
		t.Errorf("transfers = %v", kept)
	}
	if kept := mustCall(t, s, "list_content", `{"visibility":"public","tags":"bakery"}`)["files"].([]any); len(kept) != 1 {
		t.Errorf("tagged = %v", kept)
	}
}

func TestUploads(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "data", "table.csv"), "a,b\n1,2\n")
	write(t, filepath.Join(folder, "server.key"), "secret")
	write(t, filepath.Join(folder, ".env"), "secret")
	outside := filepath.Join(t.TempDir(), "outside.txt")
	write(t, outside, "outside")
	for link, target := range map[string]string{"link.txt": outside, "inner.txt": ".env", "folder": "data"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(folder, ".env"), filepath.Join(folder, "hard.txt")); err != nil {
		t.Fatal(err)
	}
	s := newStage(t, folder)

	for arguments, want := range map[string]string{
		`{"filename":"a.txt","text":"h\u00e9llo"}`: `"a.txt" 6 "text/plain; charset=utf-8" "private"`,
		`{"filename":"empty.md","text":""}`:        `"empty.md" 0 "text/markdown; charset=utf-8" "private"`,
		`{"filename":"b.bin","base64":"` + base64.StdEncoding.EncodeToString([]byte("\x00\x01\x02")) + `","visibility":"PUBLIC"}`: `"b.bin" 3 "application/octet-stream" "public"`,
		`{"filename":"c","base64":"iVBORw0KGgo"}`: `"c" 8 "image/png" "private"`,
		`{"path":"data/table.csv"}`:               `"table.csv" 8 "text/csv; charset=utf-8" "private"`,
		encode(t, map[string]string{"path": filepath.Join(folder, "data", "table.csv"), "filename": "x"}): `"x" 8 "text/plain; charset=utf-8" "private"`,
	} {
		file := mustCall(t, s, "upload_content", arguments)["file"].(map[string]any)
		got := encode(t, file["name"]) + " " + encode(t, file["size_bytes"]) + " " + encode(t, file["content_type"]) + " " + encode(t, file["visibility"])
		if got != want {
			t.Errorf("%s: %s, want %s", arguments, got, want)
		}
	}

	before := len(s.requests())
	for _, path := range []string{
		"link.txt", "inner.txt", "hard.txt", "folder/table.csv", ".", "../outside.txt", outside, "/etc/passwd", "server.key", ".env", "data/../.env", "data", "nothing.txt", "data/table.csv/x", "\x00",
	} {
		_, err := s.call(t, "upload_content", encode(t, map[string]string{"path": path}))
		if explained := tools.Explain(err); err == nil || explained.Code != tools.CodeInvalidArgument || explained.NextStep == "" || strings.Contains(explained.Message, folder) {
			t.Errorf("path %q: %v", path, err)
		}
	}
	for arguments, want := range map[string]string{
		`{"filename":"a"}`:                            "one of text, base64 and path must give the file",
		`{"filename":"a","text":"x","path":"y"}`:      "only one of text, base64 and path",
		`{"text":"x"}`:                                `"filename" is required with text and base64`,
		`{"filename":"a/b","text":"x"}`:               `"filename" must be a file's name without a folder`,
		`{"filename":"a","base64":"%%%"}`:             `"base64" is not valid base64`,
		`{"filename":"a","text":"x","visibility":""}`: "",
	} {
		_, err := s.call(t, "upload_content", arguments)
		if (want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", arguments, err, want)
		}
	}
	if after := len(s.requests()); after != before+1 {
		t.Errorf("refused uploads asked the platform: %v", s.requests()[before:])
	}
	if _, err := newStage(t).call(t, "upload_content", `{"path":"a"}`); err == nil || !strings.Contains(tools.Explain(err).NextStep, "--upload-root") {
		t.Errorf("without roots: %v", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestThreeFaultsGiveOneMessage is the promise about arguments: all at once, and nothing is sent.
func TestThreeFaultsGiveOneMessage(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, err := s.call(t, "list_content", `{"limit":1000,"visibility":"publik","tag":"x"}`)
	explained := tools.Explain(err)
	for _, part := range []string{
		"3 problems", `"limit" must be at most 100, got 1000`, `"visibility" must be one of private, public, shared`, "did you mean public?",
		`unknown argument "tag"`, "did you mean tags?",
	} {
		if !strings.Contains(explained.Message, part) {
			t.Errorf("message lacks %q: %s", part, explained.Message)
		}
	}
	if explained.Code != tools.CodeInvalidArgument || len(s.requests()) != 0 {
		t.Errorf("code %s, requests %v", explained.Code, s.requests())
	}
}

func TestSummaryNamesWhatIsUnavailable(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/api/user":    `{"user":{"id":"1","name":"Ada","email":"a@example.com","totalCredits":"5","usedCredits":"1"}}`,
		"/api/balance": `{"availableDollars":4}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, ok := answers[r.URL.Path]
		switch {
		case r.URL.Path == "/api/api-keys":
			w.WriteHeader(http.StatusForbidden)
			body = `{"error":"no"}`
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			body = `{"error":"no route"}`
		}
		_, _ = io.WriteString(w, body)
	}))
	defer server.Close()
	summary, err := call(t, newCatalog(t, server.URL, "k"), "get_account_summary", `{}`)
	if err != nil {
		t.Fatal(err)
	}
	want := `["recent_transactions: unsupported","api_key_count: forbidden"]`
	if encode(t, summary["unavailable"]) != want || summary["api_key_count"] != nil ||
		encode(t, summary["credits"]) != `{"available_credits":"4","total_credits":"5","used_credits":"1"}` {
		t.Errorf("summary = %s", encode(t, summary))
	}
	delete(answers, "/api/user")
	if _, err := call(t, newCatalog(t, server.URL, "k"), "get_account_summary", `{}`); err == nil {
		t.Error("a summary without a user is no error")
	}
}

// TestErrorsDiffer gives each failure of the platform its own, true code.
func TestErrorsDiffer(t *testing.T) {
	t.Parallel()
	reply := func(status int, contentType, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			if len(header) == 2 {
				w.Header().Set(header[0], header[1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	tests := map[string]struct {
		handler   http.HandlerFunc
		code      string
		retryable bool
		after     int
	}{
		"401":      {reply(401, "application/json", `{"error":"bad rok_canary0123456789abcdefghijklmnop"}`), tools.CodeKeyRefused, false, 0},
		"402":      {reply(402, "application/json", `{"error":"need 5"}`), tools.CodeInsufficientFunds, false, 0},
		"403":      {reply(403, "application/json", `{}`), tools.CodeForbidden, false, 0},
		"404":      {reply(404, "application/json", `{}`), tools.CodeNotFound, false, 0},
		"409":      {reply(409, "application/json", `{}`), tools.CodeConflict, false, 0},
		"429":      {reply(429, "application/json", `{}`, "Retry-After", "7"), tools.CodeRateLimited, true, 7},
		"500":      {reply(500, "application/json", `{}`), tools.CodeUpstreamError, true, 0},
		"HTML":     {reply(200, "text/html", "<html>login</html>"), tools.CodeUpstreamBadResponse, true, 0},
		"error":    {reply(200, "application/json", `{"error":"quota"}`), tools.CodeRejected, false, 0},
		"redirect": {reply(302, "text/html", "", "Location", "https://evil.example/x?y=z"), tools.CodeUnexpectedRedirect, false, 0},
	}
	messages := map[string]string{}
	for name, test := range tests {
		server := httptest.NewServer(test.handler)
		_, err := call(t, newCatalog(t, server.URL, "rok_canary0123456789abcdefghijklmnop"), "get_agent", `{"agent":"x"}`)
		server.Close()
		checkExplained(t, name, err, test.code, test.retryable, test.after, messages)
	}
	_, err := call(t, newCatalog(t, "http://127.0.0.1:1", "k"), "get_agent", `{"agent":"x"}`)
	checkExplained(t, "down", err, tools.CodeUpstreamUnavailable, true, 0, messages)
	_, err = call(t, offline(t), "get_agent", `{"agent":"x"}`)
	checkExplained(t, "no key", err, tools.CodeKeyMissing, false, 0, messages)
	if explained := tools.Explain(err); !strings.Contains(explained.Message, "WEBAGENTS_API_KEY") || strings.Contains(explained.Message, "\n") {
		t.Errorf("no key: %s", explained.Message)
	}
	checkExplained(t, "inside", errors.New("pq: secret detail"), tools.CodeInternal, false, 0, messages)
	checkExplained(t, "given up", context.Canceled, tools.CodeInternal, false, 0, map[string]string{})
}

func checkExplained(t *testing.T, name string, err error, code string, retryable bool, after int, seen map[string]string) {
	t.Helper()
	explained := tools.Explain(err)
	if explained.Code != code || explained.Retryable != retryable || explained.RetryAfterSeconds != after || explained.NextStep == "" {
		t.Errorf("%s: %+v", name, explained)
	}
	text := string(explained.JSON())
	for _, bad := range []string{"canary", "<html", "y=z", "secret detail", "*client", "json:", "127.0.0.1"} {
		if strings.Contains(text, bad) {
			t.Errorf("%s: %q in %s", name, bad, text)
		}
	}
	if len(text) > 600 {
		t.Errorf("%s: %d bytes", name, len(text))
	}
	if other, taken := seen[explained.Message]; taken {
		t.Errorf("%s and %s say the same", name, other)
	}
	seen[explained.Message] = name
}
