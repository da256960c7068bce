package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/sandbox"
)

// The planted secrets. The key that calls are made with is the sandbox's own.
const (
	canaryUpstream = "sk_live_canary0upstream0000" // in replies of the platform
	canaryText     = "sk_live_canary0text00000000" // in free text of arguments
	canaryToken    = "canary-opaque-token-9f8e7d"  // arguments that are secrets by their name
	canaryHeader   = "canary-payment-header-6b5a4"
	canaryTrace    = "canary-trace-state-0011"
	canaryOTLP     = "canary-otlp-key-2233"
	canaryDatabase = "canary-database-password"
)

// hostile is a platform that says secrets back: those that it was sent, and one of its own.
type hostile struct {
	*httptest.Server

	key string
}

// The ways in which it does so, beside HTTP statuses.
const (
	replyMild     = "mild"     // true answers, with secrets in names and texts
	replyPoisoned = "poisoned" // true answers, with secrets in every string
	replyPage     = "page"
	replyRedirect = "redirect"
	replyBroken   = "broken"
	replyGone     = "gone"
)

// startHostile starts a sandbox behind a proxy that poisons its answers in one way.
func startHostile(t *testing.T, reply string, status int) *hostile {
	t.Helper()
	platform, err := sandbox.Open(t.Context(), sandbox.Options{Database: sandbox.MemoryDatabase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = platform.Close() })
	h := &hostile{key: platform.UserKey()}
	behind := platform.Handler()
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := strings.Join([]string{r.Header.Get("Authorization"), h.key, `q"` + h.key, canaryUpstream, h.key[:9] + "\u200b" + h.key[9:]}, " ")
		for _, name := range []string{"X-Request-Id", "Idempotent-Replayed", "Content-Disposition", "Www-Authenticate", "Set-Cookie", "Retry-Afterwards"} {
			w.Header().Set(name, strings.ToValidUTF8(strings.ReplaceAll(said, "\u200b", ""), ""))
		}
		switch {
		case status != 0:
			h.fail(w, status, said)
		case reply == replyPage:
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html><title>" + said + "</title></html>"))
		case reply == replyRedirect:
			w.Header().Set("Location", "https://"+canaryUpstream+":"+h.key+"@evil.example/"+h.key+"?key="+h.key)
			w.WriteHeader(http.StatusTemporaryRedirect)
		case reply == replyBroken:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"agents":[{"id":5,"name":{"` + h.key + `":` + canaryUpstream))
		case reply == replyGone:
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write([]byte(`{"name":"` + said))
			panic(http.ErrAbortHandler)
		default:
			h.poison(w, r, behind, reply, said)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hostile) fail(w http.ResponseWriter, status int, said string) {
	body, _ := json.Marshal(map[string]any{
		"error": map[string]any{"message": said, "code": h.key}, "message": said, "code": h.key, "detail": []string{said}, h.key: canaryUpstream,
	})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// poison lets the sandbox answer, and puts secrets into what it says.
func (h *hostile) poison(w http.ResponseWriter, r *http.Request, behind http.Handler, reply, said string) {
	recorder := httptest.NewRecorder()
	behind.ServeHTTP(recorder, r)
	for name, values := range recorder.Header() {
		if name != "X-Request-Id" && name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	body := recorder.Body.Bytes()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) == nil && !decoder.More() {
		body, _ = json.Marshal(poisoned(value, "", reply == replyPoisoned, said))
		// The same key, as only a reader of JSON sees it.
		body = bytes.ReplaceAll(body, []byte("q\\\""+h.key), []byte(`\u0072`+h.key[1:]))
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(body)
}

// exact are strings that are more than a text: ids, times, amounts, addresses.
var exact = regexp.MustCompile(`^(?:[0-9a-f]{8}-[0-9a-f-]{27}|[0-9.]+|[0-9]{4}-.*|[a-z]+:.*|)$`)

var plainMembers = []string{
	"name", "description", "instructions", "text", "content", "message", "title", "agent_description", "intent", "receipt", "reason",
	"display_name", "username", "email", "plan", "tags", "summary",
}

func poisoned(value any, member string, everywhere bool, said string) any {
	switch value := value.(type) {
	case string:
		if exact.MatchString(value) && !everywhere || !everywhere && !slices.Contains(plainMembers, member) {
			return value
		}
		return value + " " + said
	case []any:
		for i := range value {
			value[i] = poisoned(value[i], member, everywhere, said)
		}
	case map[string]any:
		for name := range value {
			value[name] = poisoned(value[name], name, everywhere, said)
		}
	}
	return value
}
