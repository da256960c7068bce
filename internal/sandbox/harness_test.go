package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// noon is the tests' clock.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func open(t testing.TB, options Options) *Platform {
	t.Helper()
	if options.Database == "" {
		options.Database = MemoryDatabase
	}
	if options.Now == nil {
		options.Now = noon
	}
	p, err := Open(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

// answer is what a request gave.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

func send(t testing.TB, p *Platform, key, method, target, contentType, body string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "http://sandbox"+target, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("X-API-Key", key)
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return decodeAnswer(w)
}

func decodeAnswer(w *httptest.ResponseRecorder) answer {
	return parseAnswer(w.Code, w.Header(), w.Body.Bytes())
}

func parseAnswer(status int, header http.Header, raw []byte) answer {
	got := answer{status: status, header: header, raw: raw}
	_ = json.Unmarshal(raw, &got.body)
	return got
}

func get(t testing.TB, p *Platform, target string) answer {
	t.Helper()
	return send(t, p, p.UserKey(), http.MethodGet, target, "", "")
}

func postJSON(t testing.TB, p *Platform, target, body string) answer {
	t.Helper()
	return send(t, p, p.UserKey(), http.MethodPost, target, "application/json", body)
}

func uploadFile(t testing.TB, p *Platform, key, target, name, text string, fields map[string]string) answer {
	t.Helper()
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	for field, value := range fields {
		if err := writer.WriteField(field, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := writer.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(part, text); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return send(t, p, key, http.MethodPost, target, writer.FormDataContentType(), form.String())
}

// otherUser stores a key of another owner of the seed data.
func otherUser(t testing.TB, p *Platform) string {
	t.Helper()
	key := mintKey()
	if _, err := p.storeKey(context.Background(), p.database, key, seedID("user", "office@lexa.example"), "", "test"); err != nil {
		t.Fatal(err)
	}
	return key
}

func database(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "data", "sandbox.db")
}

// rows gives the objects of a list.
func rows(t testing.TB, a answer, name string) []map[string]any {
	t.Helper()
	list, ok := a.body[name].([]any)
	if !ok {
		t.Fatalf("%s is no list in %s", name, a.raw)
	}
	objects := make([]map[string]any, 0, len(list))
	for _, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			t.Fatalf("a row of %s is no object in %s", name, a.raw)
		}
		objects = append(objects, object)
	}
	return objects
}

// sendAs asks as the owner of a key, with headers given as names and values in turn.
func sendAs(t testing.TB, p *Platform, key, method, target, body string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "http://sandbox"+target, strings.NewReader(body))
	r.Header.Set("X-API-Key", key)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return decodeAnswer(w)
}

// creditsOfUser gives what the owner of a key can spend, in credits.
func creditsOfUser(t testing.TB, p *Platform, key string) string {
	t.Helper()
	return fmt.Sprint(sendAs(t, p, key, http.MethodGet, "/api/user/credits", "").body["availableCredits"])
}

// mintToken makes a payment token of the demo user.
func mintToken(t testing.TB, p *Platform, amount, more string) (id, token string) {
	t.Helper()
	got := postJSON(t, p, "/api/user/tokens", fmt.Sprintf(`{"amount":%q%s}`, amount, more))
	row, ok := got.body["token"].(map[string]any)
	if got.status != 200 || !ok {
		t.Fatalf("mint: %d %s", got.status, got.raw)
	}
	return fmt.Sprint(row["id"]), fmt.Sprint(row["token"])
}
