package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

func TestListWalksPages(t *testing.T) {
	t.Parallel()
	rows := make([]map[string]any, 0, 120)
	for i := range 120 {
		rows = append(rows, map[string]any{"id": string(rune('A'+i/26)) + string(rune('a'+i%26)), "name": "n"})
	}
	for _, pages := range []bool{true, false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			part := rows
			if pages {
				offset, limit := number(r.FormValue("offset")), number(r.FormValue("limit"))
				part = rows[min(offset, len(rows)):min(offset+limit, len(rows))]
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"agents": part})
		}))
		seen := map[string]bool{}
		for agent, err := range newClient(t, server.URL).Agents.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if seen[agent.ID] {
				t.Fatalf("paging %t: %s comes twice", pages, agent.ID)
			}
			seen[agent.ID] = true
		}
		if len(seen) != len(rows) {
			t.Errorf("paging %t: %d rows, want %d", pages, len(seen), len(rows))
		}
		server.Close()
	}
}

func number(text string) int {
	n := 0
	for _, digit := range text {
		n = n*10 + int(digit-'0')
	}
	return n
}

func TestIterationEndsWithTheError(t *testing.T) {
	t.Parallel()
	c := newClient(t, newFake(t, nil).URL)
	var faults int
	for _, err := range c.User.AllTransactions(t.Context(), client.TransactionListOptions{Type: "usage"}) {
		if !errors.Is(err, client.ErrUnsupported) {
			t.Errorf("error = %v", err)
		}
		faults++
	}
	for _, err := range c.Content.All(t.Context(), client.ContentListOptions{Visibility: client.VisibilityPublic, Tags: []string{"a"}}) {
		if err == nil {
			t.Error("no error")
		}
		faults++
	}
	if faults != 2 {
		t.Errorf("faults = %d", faults)
	}
}
