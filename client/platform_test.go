package client_test

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// fakePlatform answers fixed routes and records what was asked.
type fakePlatform struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string
	bodies   []string
	headers  []http.Header
}

// newFake serves a JSON body for each "METHOD path"; a body "405" or "404" is that status.
func newFake(t *testing.T, routes map[string]string) *fakePlatform {
	t.Helper()
	f := &fakePlatform{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.requests = append(f.requests, r.Method+" "+r.RequestURI)
		f.bodies = append(f.bodies, string(body))
		f.headers = append(f.headers, r.Header.Clone())
		f.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		answer, ok := routes[r.Method+" "+r.URL.Path]
		switch {
		case !ok || answer == "404":
			w.WriteHeader(http.StatusNotFound)
			answer = `{"error":"not found","message":"not found"}`
		case answer == "405":
			w.WriteHeader(http.StatusMethodNotAllowed)
			answer = `{"error":"method not allowed"}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fakePlatform) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

func TestFallbackIsRemembered(t *testing.T) {
	t.Parallel()
	fake := newFake(t, map[string]string{
		"GET /api/agents/by-name/helper": `{"agent":{"id":"1","name":"helper"}}`,
		"GET /api/user/credits":          `{"availableCredits":"1.5","totalCredits":"2","usedCredits":0.5}`,
		"GET /api/user/transactions":     `{"transactions":null}`,
		"POST /api/content/upload":       "405",
		"POST /api/content":              `{"file":{"id":"9","url":"/x","fileName":"a.txt","size":"5"}}`,
	})
	c := newClient(t, fake.URL)
	for range 2 {
		if agent, err := c.Agents.Get(t.Context(), "helper"); err != nil || agent.ID != "1" {
			t.Fatalf("Get = %+v, %v", agent, err)
		}
		if credits, err := c.User.Credits(t.Context()); err != nil || credits.Available.String() != "1.5" || credits.Used.String() != "0.5" {
			t.Fatalf("Credits = %+v, %v", credits, err)
		}
		if page, err := c.User.Transactions(t.Context(), client.TransactionListOptions{}); err != nil || page.Items == nil || page.Next != nil {
			t.Fatalf("Transactions = %+v, %v", page, err)
		}
		if file, err := c.Content.Upload(t.Context(), client.BytesUpload("a.txt", []byte("hello"))); err != nil || file.ID != "9" || file.Size != 5 {
			t.Fatalf("Upload = %+v, %v", file, err)
		}
	}
	want := []string{
		"GET /api/agents/helper", "GET /api/agents/by-name/helper",
		"GET /api/balance", "GET /api/user/credits",
		"GET /api/balance/transactions?limit=50", "GET /api/user/transactions?limit=50",
		"POST /api/content/upload", "POST /api/content",
		"GET /api/agents/by-name/helper", "GET /api/user/credits", "GET /api/user/transactions?limit=50", "POST /api/content",
	}
	if got := fake.seen(); !slices.Equal(got, want) {
		t.Errorf("requests:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAbsentThingAndAbsentRouteDiffer(t *testing.T) {
	t.Parallel()
	c := newClient(t, newFake(t, nil).URL)
	if _, err := c.Agents.Get(t.Context(), "nobody"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("Get: %v, want not found", err)
	}
	if _, err := c.User.Credits(t.Context()); !errors.Is(err, client.ErrUnsupported) {
		t.Errorf("Credits: %v, want unsupported", err)
	}
}

func TestSearchSendsAndAppliesItsOptions(t *testing.T) {
	t.Parallel()
	fake := newFake(t, map[string]string{"POST /api/agents/search": `{"agents":[
		{"agent":{"id":"1","name":"one","intents":["a"]},"similarity":0.9},
		{"id":"2","name":"two","score":"0.65"},
		{"agent_id":"3","name":"three","similarity_score":0.71,"min_balance":"2.5"},
		{"id":"4","name":"four"}]}`})
	got, err := newClient(t, fake.URL).Agents.Search(t.Context(), "q", client.AgentSearchOptions{MaxResults: 2})
	if err != nil || len(got) != 2 || got[0].ID != "1" || got[1].ID != "3" || got[1].MinimumBalance.String() != "2.5" {
		t.Fatalf("Search = %+v, %v", got, err)
	}
	var sent struct {
		Query         string   `json:"query"`
		Fields        []string `json:"fields"`
		Limit         int      `json:"limit"`
		Mode          string   `json:"mode"`
		MinSimilarity float64  `json:"minSimilarity"`
	}
	if err := json.Unmarshal([]byte(fake.bodies[0]), &sent); err != nil {
		t.Fatal(err)
	}
	if sent.Query != "q" || sent.Limit != 2 || sent.Mode != "semantic" || sent.MinSimilarity != 0.7 || len(sent.Fields) != 3 {
		t.Errorf("sent %+v", sent)
	}
}

func TestSearchFallsBackToDiscovery(t *testing.T) {
	t.Parallel()
	fake := newFake(t, map[string]string{"GET /api/discovery/agents": `{"agents":[{"id":"1","username":"u","displayName":"U","bio":"does things"}]}`})
	c := newClient(t, fake.URL)
	for range 2 {
		got, err := c.Agents.Search(t.Context(), "a&b", client.AgentSearchOptions{})
		if err != nil || len(got) != 1 || got[0].Name != "u" || got[0].Description != "does things" || got[0].Similarity != nil {
			t.Fatalf("Search = %+v, %v", got, err)
		}
	}
	if seen := fake.seen(); len(seen) != 3 || !strings.Contains(seen[2], "search=a%26b") {
		t.Errorf("requests = %q", seen)
	}
}

func TestCreateSendsTheSeedsNames(t *testing.T) {
	t.Parallel()
	fake := newFake(t, map[string]string{"POST /api/agents": `{"agent":{"id":"1","name":"n"},"rawApiKey":"rok_secret"}`})
	created, err := newClient(t, fake.URL).Agents.Create(t.Context(), client.AgentCreateParams{
		Name: "n", Instructions: "i", Model: "gpt-4o", Description: "d", Intents: []string{"x"}, IsPublic: true, CanTalkToOtherAgents: true,
	})
	if err != nil || created.RawAPIKey != "rok_secret" || created.ID != "1" {
		t.Fatalf("Create = %+v, %v", created, err)
	}
	want := `{"name":"n","instructions":"i","model":"gpt-4o","description":"d","intents":["x"],"isPublic":true,"canTalkToOtherAgents":true,"otherAgentsCanTalk":false}`
	if fake.bodies[0] != want {
		t.Errorf("sent %s", fake.bodies[0])
	}
	header := fake.headers[0]
	if header.Get("Authorization") != "Bearer "+canary || header.Get("X-Api-Key") != canary || header.Get("Content-Type") != "application/json" {
		t.Errorf("headers = %v", header)
	}
}

func TestUploadIsOneStrictMultipartForm(t *testing.T) {
	t.Parallel()
	fake := newFake(t, map[string]string{"POST /api/content/upload": `{"id":"9","url":"/u"}`})
	for _, name := range []string{"plain.txt", `quo"te.txt`, "\u00fcml\u00e4ut.txt", "semi;colon=x.txt", "per%0d%0acent.txt"} {
		params := client.BytesUpload(name, []byte("hello"))
		params.Tags, params.Description, params.Visibility = []string{"a", "b"}, "d", client.VisibilityPublic
		if _, err := newClient(t, fake.URL).Content.Upload(t.Context(), params); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		last := len(fake.bodies) - 1
		parts := readForm(t, fake.headers[last].Get("Content-Type"), fake.bodies[last])
		want := map[string]string{"file": "hello", "visibility": "public", "tags": `["a","b"]`, "description": "d", "displayName": name}
		if len(parts) != len(want) {
			t.Errorf("%s: parts = %v", name, parts)
		}
		for part, value := range want {
			if parts[part] != value {
				t.Errorf("%s: part %s = %q, want %q", name, part, parts[part], value)
			}
		}
		if fake.headers[last].Get("Content-Length") == "" {
			t.Errorf("%s: no Content-Length", name)
		}
	}
}

func readForm(t *testing.T, contentType, body string) map[string]string {
	t.Helper()
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	reader := multipart.NewReader(strings.NewReader(body), parameters["boundary"])
	parts := map[string]string{}
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(part.Header) > 2 {
			t.Errorf("part %s has headers %v", part.FormName(), part.Header)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		parts[part.FormName()] = string(data)
	}
}

func TestUploadRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	fake := newFake(t, nil)
	c := newClient(t, fake.URL)
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "a\r\nb", "a\x00b", strings.Repeat("x", 256), "\xff"} {
		if _, err := c.Content.Upload(t.Context(), client.BytesUpload(name, nil)); !errors.Is(err, client.ErrInvalidArgument) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := c.Content.Upload(t.Context(), client.UploadParams{Filename: "a"}); !errors.Is(err, client.ErrInvalidArgument) {
		t.Errorf("without bytes: %v", err)
	}
	for _, id := range []string{"", ".", "..", "../keys", "a/b", "a?b", "a#b", "a%2fb", "\x00", strings.Repeat("a", 129), "-a"} {
		if _, err := c.Agents.Get(t.Context(), id); !errors.Is(err, client.ErrInvalidArgument) {
			t.Errorf("agent %q: %v", id, err)
		}
	}
	if seen := fake.seen(); len(seen) != 0 {
		t.Errorf("requests = %q", seen)
	}
}

// TestUploadOfAChangingFileFails announces more or fewer bytes than the file gives.
func TestUploadOfAChangingFileFails(t *testing.T) {
	t.Parallel()
	fake := newFake(t, map[string]string{"POST /api/content/upload": `{"id":"9","url":"/u"}`})
	for _, size := range []int64{3, 7} {
		params := client.BytesUpload("a.txt", []byte("hello"))
		params.Size = size
		if _, err := newClient(t, fake.URL).Content.Upload(t.Context(), params); err == nil {
			t.Errorf("size %d: no error", size)
		}
	}
}
