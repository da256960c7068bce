package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// growingList serves a list in front of which rows come, newest first, by one of the ways in which platforms page.
type growingList struct {
	rows []string
	way  string
}

func (g *growingList) grow(by int) {
	for range by {
		g.rows = slices.Insert(g.rows, 0, fmt.Sprintf("row%d", len(g.rows)))
	}
}

func (g *growingList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limit, offset := number(r.FormValue("limit")), number(r.FormValue("offset"))
	if page := number(r.FormValue("page")); page > 0 {
		offset = (page - 1) * limit
	}
	part := g.rows
	if g.way != "whole" {
		part = g.rows[min(offset, len(g.rows)):min(offset+limit, len(g.rows))]
	}
	answer := map[string]any{}
	if g.way == "total" {
		answer["total"] = len(g.rows)
	}
	rows := make([]map[string]any, 0, len(part))
	for _, id := range part {
		rows = append(rows, map[string]any{"id": id, "name": id})
	}
	answer["agents"], answer["items"] = rows, rows
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// TestAListThatGrowsIsReadToItsEnd walks every small list in pages of every small size, while rows come in front of it after
// its first page. Whatever was there at the start comes once, and nothing comes twice.
func TestAListThatGrowsIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"offset", "total", "whole", "pages"} {
		list := &growingList{way: way}
		server := httptest.NewServer(list)
		t.Cleanup(server.Close)
		c := newClient(t, server.URL)
		page := func(limit int, from client.Cursor) (ids []string, next *client.Cursor, err error) {
			if way == "pages" {
				page, err := c.Content.ListOfAgent(t.Context(), "a", "", limit, from)
				for i := range page.Items {
					ids = append(ids, page.Items[i].ID)
				}
				return ids, page.Next, err
			}
			page, err := c.Agents.List(t.Context(), client.AgentListOptions{Limit: limit, Cursor: from})
			for i := range page.Items {
				ids = append(ids, page.Items[i].ID)
			}
			return ids, page.Next, err
		}
		for length := range 9 {
			for limit := 1; limit <= 4; limit++ {
				for grown := range limit + 1 {
					list.rows = nil
					list.grow(length)
					want := slices.Clone(list.rows)
					var got []string
					cursor := &client.Cursor{}
					for pages := 0; cursor != nil; pages++ {
						if pages > length+grown+6 {
							t.Fatalf("%s, %d rows, %d by page, %d more: no end", way, length, limit, grown)
						}
						ids, next, err := page(limit, *cursor)
						if err != nil {
							t.Fatal(err)
						}
						got, cursor = append(got, ids...), next
						if pages == 0 || (pages < 3 && grown < limit) {
							list.grow(grown)
						}
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s, %d rows, %d by page, %d more after the first: %v, want %v", way, length, limit, grown, got, want)
					}
				}
			}
		}
	}
}

// TestOddListsEnd serves lists that cannot be read in full, or that say what is not so, by a platform that does not page.
func TestOddListsEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string
		limit  int
		want   []string
		fails  bool
	}{
		"a total above what is there": {`{"agents":[{"id":"a"},{"id":"b"},{"id":"c"}],"total":9}`, 2, []string{"a", "b", "c"}, false},
		"rows that cannot be read":    {`{"agents":[{"id":"a"},null,7,{"id":"c"},null]}`, 1, []string{"a", "c"}, false},
		"an id that comes twice":      {`{"agents":[{"id":"a"},{"id":"a","name":"2"},{"id":"c"}]}`, 1, []string{"a", "a", "c"}, false},
		"a page that is the list":     {`{"agents":[{"id":"a"},{"id":"b"}]}`, 2, []string{"a", "b"}, false},
		"one page for every offset":   {`{"agents":[{"id":"a"},{"id":"b"}],"total":99}`, 2, []string{"a", "b"}, true},
	} {
		c := serveJSON(t, func(*http.Request) (int, string) { return 200, test.answer })
		var got []string
		var failed error
		cursor := &client.Cursor{}
		for pages := 0; cursor != nil && failed == nil; pages++ {
			if pages > 9 {
				t.Fatalf("%s: no end, at %+v", name, *cursor)
			}
			var page client.Page[client.Agent]
			page, failed = c.Agents.List(t.Context(), client.AgentListOptions{Limit: test.limit, Cursor: *cursor})
			for i := range page.Items {
				got = append(got, page.Items[i].ID)
			}
			cursor = page.Next
		}
		if !slices.Equal(got, test.want) || errors.Is(failed, client.ErrBadResponse) != test.fails || (failed != nil) != test.fails {
			t.Errorf("%s: %v, %v", name, got, failed)
		}
	}
}
