package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

// TestThePlatformsWordsStayOutOfTheJournal lets it repeat a token that has the shape of none.
func TestThePlatformsWordsStayOutOfTheJournal(t *testing.T) {
	t.Parallel()
	const token = "opaqueBearerInstrument-7f3a9c55"
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/api/payments/verify" {
			_, _ = w.Write([]byte(`{"valid":true,"balanceDollars":5}`))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"instrument ` + token + ` is held by somebody else"}`))
	}))
	defer platform.Close()
	folder := t.TempDir()
	lock := func() screen {
		return execute(t, map[string]string{"ROBUTLER_API_URL": platform.URL, "WEBAGENTS_API_KEY": "rok_0123456789abcdef"},
			"call", "lock_payment", "token="+token, "amount_usd=0.25", "idempotency_key=k", "--confirm", "off", "--journal", filepath.Join(folder, "journal.db"))
	}
	first := lock()
	if first.status != exitFailed {
		t.Errorf("what the platform refuses is no wrong command line: %+v", first)
	}
	if !strings.Contains(first.stderr, "is held by somebody else") || !strings.Contains(first.stderr, "To see the arguments") ||
		strings.Contains(first.stderr, "Nothing was sent") {
		t.Errorf("told: %+v", first)
	}
	if again := lock(); again.status != exitFailed || !strings.Contains(again.stderr, "stored answer") || strings.Contains(again.stderr, token) {
		t.Errorf("told again: %+v", again)
	}
	for _, pattern := range []string{"*", "*/*"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil && bytes.Contains(content, []byte(token)) {
				t.Errorf("it is in %s", filepath.Base(file))
			}
		}
	}
}

// TestErrorsAreStoredWithoutSecrets: an error can name what somebody else wrote.
func TestErrorsAreStoredWithoutSecrets(t *testing.T) {
	t.Parallel()
	const secret = "rok_0123456789abcdef"
	g := &gate{redactor: telemetry.NewRedactor()}
	moved := decimal.NewFromInt(2)
	asked := &tools.Error{Code: tools.CodeNotFound, Message: "did you mean " + secret + "?", MovedCredits: &moved}
	for _, failed := range []error{asked, fmt.Errorf("%w: %w", tools.ErrNotSent, asked), client.ErrTimeout} {
		call := g.withoutSecrets(tools.GatedCall{
			Spec: tools.Spec{Class: client.Delete}, Preview: func(context.Context) (tools.Preview, error) { return tools.Preview{}, nil },
			Do: func(context.Context) (tools.Result, error) { return tools.Result{}, failed },
		})
		_, err := call.Do(t.Context())
		if told := tools.Explain(err); told.Code != tools.Explain(failed).Code || strings.Contains(told.Message, secret) {
			t.Errorf("%v became %+v", failed, told)
		} else if told.MovedCredits != tools.Explain(failed).MovedCredits || errors.Is(err, tools.ErrNotSent) != errors.Is(failed, tools.ErrNotSent) {
			t.Errorf("what %v is was lost: %v", failed, err)
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%v", err)
		}
	}
}
