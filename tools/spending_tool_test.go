package tools_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/golden"

	"github.com/robutlerai/robutler-mcp/tools"
)

// TestGoldenSpending shows what the argument chart adds to both tools, and that there is a picture of it.
func TestGoldenSpending(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var page bytes.Buffer
	for _, name := range []string{"get_account_summary", "list_transactions"} {
		tool, err := s.catalog.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		result, err := tool.Call(t.Context(), json.RawMessage(`{"chart":true}`))
		if err != nil {
			t.Fatal(err)
		}
		checkSchema(t, tool, result.Structured)
		var facts struct{ Spending json.RawMessage }
		if err := json.Unmarshal(result.Structured, &facts); err != nil {
			t.Fatal(err)
		}
		page.WriteString("# " + name + "\n")
		if err := json.Indent(&page, facts.Spending, "", "  "); err != nil {
			t.Fatal(err)
		}
		page.WriteString("\n\n")
		if len(result.Attachments) != 1 {
			t.Fatalf("%s: %d attachments", name, len(result.Attachments))
		}
		picture := result.Attachments[0]
		size, err := png.DecodeConfig(bytes.NewReader(picture.Data))
		if err != nil || picture.Kind != tools.AttachedImage || picture.MIMEType != "image/png" || size.Width != 900 || size.Height != 420 {
			t.Errorf("%s: %v %s %+v", name, err, picture.MIMEType, size)
		}
	}
	golden.Check(t, "spending.golden", page.Bytes())
}

func TestWithoutChartThereIsNone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, name := range []string{"get_account_summary", "list_transactions"} {
		tool, err := s.catalog.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, arguments := range []string{`{}`, `{"chart":false}`} {
			result, err := tool.Call(t.Context(), json.RawMessage(arguments))
			if err != nil || len(result.Attachments) != 0 || bytes.Contains(result.Structured, []byte("spending")) {
				t.Errorf("%s %s: %v, %s", name, arguments, err, result.Structured)
			}
		}
	}
}

// ledger is a platform of 2026 with a row of usage an hour, newest first.
func ledger(t *testing.T, rows int, fail func(asked int) bool) (url string, asked *int) {
	t.Helper()
	asked = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/api/balance/transactions" {
			_, _ = io.WriteString(w, `{"user":{"id":"1","name":"Ada"},"availableDollars":1,"keys":[]}`)
			return
		}
		if limit := r.URL.Query().Get("limit"); limit == "100" {
			*asked++
			if fail(*asked) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `{"error":"no"}`)
				return
			}
		}
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		var list []string
		for i := offset; i < min(offset+limit, rows); i++ {
			list = append(list, fmt.Sprintf(`{"id":"%d","type":"usage","amount":"-0.01","agent":{"name":"agent-%d"},"createdAt":%q}`,
				i, i%12, noon().Add(-time.Duration(i)*time.Hour).Format(time.RFC3339)))
		}
		_, _ = fmt.Fprintf(w, `{"transactions":[%s]}`, strings.Join(list, ","))
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestTheWalkIsBounded(t *testing.T) {
	t.Parallel()
	never := func(int) bool { return false }
	for _, test := range []struct {
		tool, arguments string
		rows, asked     int
		want            string
	}{
		// 13 rows of today and 29 whole days are 709; the page that goes on before them is the eighth.
		{"get_account_summary", `{"chart":true}`, 5000, 8, "30 days, 7.09, 9 agents, true"},
		{"get_account_summary", `{"chart":true}`, 100, 2, "30 days, 1, 9 agents, true"},
		{"get_account_summary", `{"chart":true}`, 0, 1, "30 days, 0, 0 agents, true"},
		{"list_transactions", `{"chart":true,"limit":50}`, 5000, 9, "43 days, 10, 9 agents, false"},
		{"list_transactions", `{"chart":true,"limit":50}`, 30, 0, "2 days, 0.3, 9 agents, true"},
		{"list_transactions", `{"chart":true,"limit":50,"type":"addition"}`, 30, 0, "1 days, 0, 0 agents, true"},
	} {
		url, asked := ledger(t, test.rows, never)
		got, err := call(t, newCatalog(t, url, "k"), test.tool, test.arguments)
		if err != nil {
			t.Errorf("%s %s: %v", test.tool, test.arguments, err)
			continue
		}
		spending := got["spending"].(map[string]any)
		line := fmt.Sprintf("%v days, %v, %d agents, %v", spending["days"], spending["total_credits"], len(spending["by_agent"].([]any)), spending["complete"])
		if line != test.want || *asked != test.asked {
			t.Errorf("%s %s of %d rows: %s after %d pages, want %s after %d", test.tool, test.arguments, test.rows, line, *asked, test.want, test.asked)
		}
	}
}

// TestAChartThatCannotBeHad leaves the summary whole, and fails the list, which was asked for nothing else.
func TestAChartThatCannotBeHad(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"get_account_summary": "", "list_transactions": tools.CodeForbidden} {
		url, _ := ledger(t, 5000, func(asked int) bool { return asked == 2 })
		got, err := call(t, newCatalog(t, url, "k"), name, `{"chart":true}`)
		switch {
		case want == "" && (err != nil || encode(t, got["unavailable"]) != `["spending: forbidden"]` || got["spending"] != nil):
			t.Errorf("%s: %v, %s", name, err, encode(t, got))
		case want != "" && (err == nil || tools.Explain(err).Code != want):
			t.Errorf("%s: %v", name, err)
		}
	}
}
