package tools

import (
	"encoding/base64"
	"encoding/json"

	"github.com/robutlerai/robutler-mcp/client"
)

// maxCursorOffset bounds how far a list can be walked, in rows.
const maxCursorOffset = 1_000_000

// cursorMark is what an opaque cursor holds: the list that it belongs to and where that list goes on.
type cursorMark struct {
	List   string `json:"l"`
	Offset int    `json:"o"`
	After  string `json:"a,omitempty"`
}

// encodeCursor makes the next_cursor of a list, or "" at its end.
func encodeCursor(list string, next *client.Cursor) string {
	if next == nil {
		return ""
	}
	encoded, err := json.Marshal(cursorMark{List: list, Offset: next.Offset, After: next.After})
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
	return client.Cursor{Offset: mark.Offset, After: mark.After}, nil
}

// Paging is the part that every list's arguments share.
type Paging struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"minimum=1,maximum=100,default=20" jsonschema_description:"Rows per page."`
	Cursor string `json:"cursor,omitempty" jsonschema:"maxLength=512" jsonschema_description:"next_cursor of the page before."`
}

// maxPageCharacters bounds the rows of a page, in characters of JSON: clients cut longer results.
const maxPageCharacters = 45_000

// fitPage cuts a page after the rows that fit, so that the next page starts with the first that does not. At least one
// row is always kept.
func fitPage[Row any](rows []Row, next *client.Cursor, from client.Cursor, id func(Row) string) ([]Row, *client.Cursor) {
	characters := 0
	for i, row := range rows {
		encoded, err := json.Marshal(row)
		if err != nil {
			continue
		}
		characters += len(encoded) + 1
		if characters > maxPageCharacters && i > 0 {
			return rows[:i], &client.Cursor{Offset: from.Offset + i, After: id(rows[i-1])}
		}
	}
	return rows, next
}

// moreRows says whether a list goes on, for models that do not look at next_cursor.
type moreRows struct {
	NextCursor string `json:"next_cursor,omitempty"`
	Complete   bool   `json:"complete"`
}

func moreAfter(list string, next *client.Cursor) moreRows {
	return moreRows{NextCursor: encodeCursor(list, next), Complete: next == nil}
}
