package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// serveJSON answers every request with what a function gives for its path and query.
func serveJSON(t *testing.T, answer func(*http.Request) (int, string)) *client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		status, body := answer(r)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return newClient(t, server.URL)
}

func TestAPageCountsRowsAsThePlatformDoes(t *testing.T) {
	t.Parallel()
	capped := serveJSON(t, func(*http.Request) (int, string) {
		return 200, `{"total":200,"agents":[{"id":"1"},{"id":"2"}]}`
	})
	page, err := capped.Agents.List(t.Context(), client.AgentListOptions{Limit: 20})
	if err != nil || page.Next == nil || page.Next.Offset != 2 {
		t.Errorf("a platform with pages of its own: %+v, %v", page, err)
	}
	holes := serveJSON(t, func(r *http.Request) (int, string) {
		offset, limit := number(r.FormValue("offset")), number(r.FormValue("limit"))
		rows := []string{}
		for i := offset; i < min(offset+limit, 120); i++ {
			row := fmt.Sprintf(`{"id":"%d"}`, i)
			if i == 7 || i == 49 {
				row = "null"
			}
			rows = append(rows, row)
		}
		return 200, `{"agents":[` + strings.Join(rows, ",") + `]}`
	})
	seen := 0
	for _, err := range holes.Agents.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
	}
	if seen != 118 {
		t.Errorf("%d rows of 118", seen)
	}
}

func TestAListThatNeverEndsIsAnError(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat(`{"type":"usage","amount":"1"},`, 49) + `{"type":"usage","amount":"1"}`
	c := serveJSON(t, func(*http.Request) (int, string) { return 200, `{"transactions":[` + rows + `]}` })
	n := 0
	for _, err := range c.User.AllTransactions(t.Context(), client.TransactionListOptions{}) {
		if err != nil {
			if !errors.Is(err, client.ErrBadResponse) {
				t.Errorf("error = %v", err)
			}
			break
		}
		n++
		if n > 200 {
			t.Fatal("it does not end")
		}
	}
}

func TestASuccessThatSaysNoIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"status":"error","message":"database down"}`, `{"success":"false","error":"denied"}`, `{"success":0}`, `{"ok":false}`, `{}`,
		`{"agents":"boom"}`, `{"data":{"agents":[]}}`,
	} {
		c := serveJSON(t, func(*http.Request) (int, string) { return 200, body })
		if page, err := c.Agents.List(t.Context(), client.AgentListOptions{}); err == nil {
			t.Errorf("list %s: %+v", body, page)
		}
		if _, err := c.Agents.Delete(t.Context(), "x"); err == nil && strings.Contains(body, "denied") {
			t.Errorf("delete %s: no error", body)
		}
	}
}

func TestHostileTimesAreAbsent(t *testing.T) {
	t.Parallel()
	c := serveJSON(t, func(*http.Request) (int, string) {
		return 200, `{"transactions":[{"id":"1","createdAt":9223372036854775807},{"id":"2","createdAt":1764000000000000},{"id":"3","createdAt":"12026-01-01T00:00:00Z"}]}`
	})
	page, err := c.User.Transactions(t.Context(), client.TransactionListOptions{})
	if err != nil || len(page.Items) != 3 {
		t.Fatalf("%+v, %v", page, err)
	}
	if _, err := json.Marshal(page); err != nil {
		t.Error(err)
	}
	if page.Items[0].CreatedAt != nil || page.Items[1].CreatedAt.Year() != 2025 || page.Items[2].CreatedAt != nil {
		t.Errorf("times: %v %v %v", page.Items[0].CreatedAt, page.Items[1].CreatedAt, page.Items[2].CreatedAt)
	}
	if page.Items[0].Amount != nil {
		t.Errorf("an absent amount is %v", page.Items[0].Amount)
	}
}

func TestUploadKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	c := serveJSON(t, func(*http.Request) (int, string) { return 200, `{"id":"1","url":"/u","displayName":"a"}` })
	params := client.BytesUpload("a", []byte("x"))
	params.Visibility = client.VisibilityPublic
	if file, err := c.Content.Upload(t.Context(), params); err != nil || file.Visibility != client.VisibilityPublic {
		t.Errorf("%+v, %v", file, err)
	}
}

// TestAnUnreadableFileIsNotThePlatformsFault tells a local failure from one of the network.
func TestAnUnreadableFileIsNotThePlatformsFault(t *testing.T) {
	t.Parallel()
	c := serveJSON(t, func(*http.Request) (int, string) { return 200, `{"id":"1","url":"/u"}` })
	gone := client.UploadParams{Filename: "a", Size: 5, Open: func() (io.ReadCloser, error) { return nil, errors.New("gone") }}
	grown := client.BytesUpload("a", []byte("hello and more"))
	grown.Size = 5
	for name, params := range map[string]client.UploadParams{"gone": gone, "grown": grown} {
		if _, err := c.Content.Upload(t.Context(), params); !errors.Is(err, client.ErrInvalidArgument) || errors.Is(err, client.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoSecretHidesInAnError(t *testing.T) {
	t.Parallel()
	split := canary[:10] + "\u200b" + canary[10:]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", canary)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"bad key `+split+`","code":"`+canary+`"}`)
	}))
	defer server.Close()
	_, err := newClient(t, server.URL).User.Get(t.Context())
	if err == nil || strings.Contains(err.Error(), canary) || !strings.Contains(err.Error(), "[redacted]") {
		t.Errorf("error = %v", err)
	}
	apiError, ok := errors.AsType[*client.APIError](err)
	if !ok || apiError.RequestID != "" || apiError.Code != "" {
		t.Errorf("%+v", apiError)
	}
}

// TestWhatWasLearnedIsRevised follows a platform that changes its routes, and finds a thing that only the other has.
func TestWhatWasLearnedIsRevised(t *testing.T) {
	t.Parallel()
	upgraded := false
	c := serveJSON(t, func(r *http.Request) (int, string) {
		switch {
		case r.URL.Path == "/api/balance" && upgraded:
			return 200, `{"availableDollars":2}`
		case r.URL.Path == "/api/user/credits" && !upgraded:
			return 200, `{"availableCredits":"1"}`
		case r.URL.Path == "/api/agents/agent_1":
			return 200, `{"id":"agent_1","name":"one"}`
		case r.URL.Path == "/api/agents/by-name/alice":
			return 200, `{"id":"agent_2","name":"alice"}`
		default:
			return 404, `{"error":"not found"}`
		}
	})
	for want := range 2 {
		credits, err := c.User.Credits(t.Context())
		if err != nil || credits.Available.IntPart() != int64(want+1) {
			t.Errorf("credits: %+v, %v", credits, err)
		}
		upgraded = true
	}
	for _, name := range []string{"agent_1", "alice", "agent_1"} {
		if _, err := c.Agents.Get(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFiltersAreAppliedHereToo(t *testing.T) {
	t.Parallel()
	c := serveJSON(t, func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, "transactions") {
			return 200, `{"transactions":[{"id":"1","type":"addition"},{"id":"2","type":"usage"}]}`
		}
		return 200, `{"files":[{"id":"1","visibility":"private","tags":["a"]},{"id":"2","visibility":"public","tags":["a"]},{"id":"3","visibility":"public","tags":["b"]}]}`
	})
	if page, err := c.User.Transactions(t.Context(), client.TransactionListOptions{Type: "usage"}); err != nil || len(page.Items) != 1 || page.Items[0].ID != "2" {
		t.Errorf("%+v, %v", page, err)
	}
	if page, err := c.Content.List(t.Context(), client.ContentListOptions{Visibility: "public", Tags: []string{"a"}}); err != nil || len(page.Items) != 1 || page.Items[0].ID != "2" {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := c.Content.List(t.Context(), client.ContentListOptions{Tags: []string{"a,b"}}); !errors.Is(err, client.ErrInvalidArgument) {
		t.Errorf("a comma: %v", err)
	}
}

// TestSessionOnlyListsAreNamed tells a list that no key may read from a key that is not accepted.
func TestSessionOnlyListsAreNamed(t *testing.T) {
	t.Parallel()
	accepted := true
	c := serveJSON(t, func(r *http.Request) (int, string) {
		if r.URL.Path == "/api/user" && accepted {
			return 200, `{"user":{"id":"1"}}`
		}
		return 401, `{"error":"session required"}`
	})
	if _, err := c.Content.List(t.Context(), client.ContentListOptions{}); !errors.Is(err, client.ErrUnsupported) {
		t.Errorf("error = %v", err)
	}
	accepted = false
	if _, err := c.Content.List(t.Context(), client.ContentListOptions{}); !errors.Is(err, client.ErrUnauthorized) {
		t.Errorf("error = %v", err)
	}
}

func TestAFileIsNotALoginPage(t *testing.T) {
	t.Parallel()
	for contentType, body := range map[string]string{"text/html": "<html>login</html>", "application/json": `{"success":false,"error":"no"}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			_, _ = io.WriteString(w, body)
		}))
		if data, err := newClient(t, server.URL).Content.Read(t.Context(), "x"); err == nil {
			t.Errorf("%s: %+v", contentType, data)
		}
		server.Close()
	}
}
