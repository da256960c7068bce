package tools

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// maxCursorOffset bounds how far a list can be walked, in rows.
const maxCursorOffset = 1_000_000

// cursorMark is what an opaque cursor holds: the list that it belongs to and where that list goes on.
type cursorMark struct {
	List   string `json:"l"`
	Offset int    `json:"o"`
	After  string `json:"a,omitempty"`
	Again  int    `json:"r,omitempty"`
}

// encodeCursor makes the next_cursor of a list, or "" at its end.
func encodeCursor(list string, next *client.Cursor) string {
	if next == nil {
		return ""
	}
	encoded, err := json.Marshal(cursorMark{List: list, Offset: next.Offset, After: next.After, Again: next.Again})
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

// decodeCursor reads a cursor that the same list gave.
func decodeCursor(list, cursor string) (client.Cursor, error) {
	if cursor == "" {
		return client.Cursor{}, nil
	}
	refused := &Error{
		Code: CodeInvalidArgument, Message: `"cursor" is not one that this list gave`,
		NextStep: "Pass next_cursor of the previous page unchanged, or leave cursor out to start again.",
	}
	decoded, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return client.Cursor{}, refused
	}
	var mark cursorMark
	if json.Unmarshal(decoded, &mark) != nil || mark.List != list || mark.Offset < 0 || mark.Offset > maxCursorOffset {
		return client.Cursor{}, refused
	}
	return client.Cursor{Offset: mark.Offset, After: mark.After, Again: mark.Again}, nil
}

// Paging is the part that every list's arguments share.
type Paging struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"minimum=1,maximum=100,default=20" jsonschema_description:"Rows per page."`
	Cursor string `json:"cursor,omitempty" jsonschema:"maxLength=512" jsonschema_description:"next_cursor of the page before."`
}

// Check finds a cursor that no list gave, whatever list it is for.
func (p Paging) Check() []schema.Fault {
	if p.Cursor == "" {
		return nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	if err != nil || !json.Valid(decoded) {
		return []schema.Fault{{Field: "cursor", Problem: "is not one that this list gave; pass next_cursor unchanged or leave it out"}}
	}
	return nil
}

// maxPageCharacters bounds the rows of a page, in characters of JSON: clients cut longer results.
const maxPageCharacters = 45_000

// fitPage cuts a page after the rows that fit, so that the next page starts with the first that does not. At least one
// row is always kept.
func fitPage[Row any](rows []Row, next *client.Cursor, from client.Cursor, id func(Row) string) ([]Row, *client.Cursor) {
	if len(rows) < 2 {
		return rows, next
	}
	var taken byteCount
	encoder := json.NewEncoder(&taken)
	for i := range rows {
		if encoder.Encode(&rows[i]) != nil {
			continue
		}
		if taken > maxPageCharacters && i > 0 {
			return rows[:i], &client.Cursor{Offset: from.Offset + i, After: id(rows[i-1])}
		}
	}
	return rows, next
}

// byteCount counts what is written to it.
type byteCount int

func (n *byteCount) Write(written []byte) (int, error) {
	*n += byteCount(len(written))
	return len(written), nil
}

// moreRows says whether a list goes on, for models that do not look at next_cursor.
type moreRows struct {
	NextCursor string `json:"next_cursor,omitempty"`
	Complete   bool   `json:"complete"`
}

func moreAfter(list string, next *client.Cursor) moreRows {
	return moreRows{NextCursor: encodeCursor(list, next), Complete: next == nil}
}

// maxRanked is how many rows a search of the platform gives at most.
const maxRanked = 100

// listOf names what a list is of, so that a cursor of one is not taken for that of another. What asks for nothing in
// particular is named by the tool alone.
func listOf(tool string, query ...string) string {
	asked := strings.Join(query, "\n")
	if strings.Trim(asked, "\n") == "" {
		return tool
	}
	sum := sha256.Sum256([]byte(asked))
	return tool + ":" + hex.EncodeToString(sum[:4])
}

// rankedPage cuts a page out of a search, which gives the best rows and does not page: it asks for all rows up to the
// end of the page and one more.
func rankedPage[Row any](list string, paging Paging, ask func(limit int) ([]Row, error)) ([]Row, client.Cursor, *client.Cursor, error) {
	from, err := decodeCursor(list, paging.Cursor)
	if err != nil {
		return nil, from, nil, err
	}
	found, err := ask(min(from.Offset+paging.Limit+1, maxRanked))
	if err != nil {
		return nil, from, nil, err
	}
	rows, next := slicePage(found, paging.Limit, from)
	return rows, from, next, nil
}

// cutNotice goes with the last page of a search that may know more than it gives.
const cutNotice = "Only the best 100 can be had: narrow the query for others. "

// cutOff reports whether a page ends where a search ends by force.
func cutOff(from client.Cursor, rows int, next *client.Cursor) bool {
	return next == nil && from.Offset+rows >= maxRanked
}

// slicePage cuts a page out of a whole list.
func slicePage[Row any](all []Row, limit int, from client.Cursor) ([]Row, *client.Cursor) {
	start := min(from.Offset, len(all))
	end := min(start+limit, len(all))
	if end == len(all) {
		return all[start:end], nil
	}
	return all[start:end], &client.Cursor{Offset: end}
}

// wholeListPage gives a page of a list that the platform sends whole.
func wholeListPage[Item, Row any](list string, paging Paging, items []Item, row func(*Item) Row) ([]Row, moreRows, error) {
	from, err := decodeCursor(list, paging.Cursor)
	if err != nil {
		return nil, moreRows{}, err
	}
	page, next := slicePage(items, paging.Limit, from)
	rows := make([]Row, 0, len(page))
	for i := range page {
		rows = append(rows, row(&page[i]))
	}
	rows, next = fitPage(rows, next, from, func(Row) string { return "" })
	return rows, moreAfter(list, next), nil
}
