package sandbox

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxJSONBody bounds the JSON of a request, in bytes.
const maxJSONBody = 1 << 20

// body reads the JSON of a request.
func (r *request) body() ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(r.writer, r.Body, maxJSONBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fail(http.StatusRequestEntityTooLarge, "too_large", "the body is larger than 1 MiB")
	case err != nil:
		return nil, badRequest("the body cannot be read")
	case !utf8.Valid(body):
		return nil, badRequest("the body is not valid UTF-8")
	}
	return bytes.TrimSpace(body), nil
}

// decode reads a JSON object into a struct.
func (r *request) decode(into any) error {
	body, err := r.body()
	if err != nil {
		return err
	}
	return decodeObject(body, into)
}

// decodeObject reads a JSON object into a struct. No body is an empty object, as clients send for no fields.
func decodeObject(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	if body[0] != '{' {
		return badRequest("the body must be a JSON object")
	}
	var mismatch *json.UnmarshalTypeError
	err := json.Unmarshal(body, into)
	switch {
	case errors.As(err, &mismatch):
		return badRequest("field %s has the wrong type", mismatch.Field)
	case err != nil:
		return badRequest("the body is not valid JSON")
	}
	return nil
}

// count is a whole number that also comes as a string.
type count int

func (c *count) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "number", Field: "limit"}
	}
	*c = count(n)
	return nil
}

// fraction is a number that also comes as a string.
type fraction float64

func (f *fraction) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return &json.UnmarshalTypeError{Value: "number", Field: "minSimilarity"}
	}
	*f = fraction(n)
	return nil
}

// window reads limit and offset of a list.
func (r *request) window(fallback int) (limit, offset int, err error) {
	query := r.URL.Query()
	limit, err = bounded(query.Get("limit"), "limit", fallback, 1, 1000)
	if err != nil {
		return 0, 0, err
	}
	offset, err = bounded(query.Get("offset"), "offset", 0, 0, 1<<30)
	return limit, offset, err
}

// page lists a part of what a query finds, row by row, and counts the whole. The columns are of the condition's tables.
func page[Row any](ctx context.Context, on *sql.DB, columns, condition, order string, limit, offset int,
	scan func(scanner) (Row, error), arguments ...any,
) (found []Row, total int, err error) {
	if err := on.QueryRowContext(ctx, "SELECT count(*) "+condition, arguments...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := on.QueryContext(ctx, "SELECT "+columns+" "+condition+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(arguments, limit, offset)...) //nolint:gosec // every part is a constant of this program
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found = []Row{}
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, row)
	}
	return found, total, rows.Err()
}

func bounded(text, name string, fallback, least, most int) (int, error) {
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, badRequest("%s must be a whole number from %d to %d", name, least, most)
	}
	return n, nil
}

// stringList reads a list of strings from the database.
func stringList(encoded string) []string {
	items := []string{}
	if json.Unmarshal([]byte(encoded), &items) != nil || items == nil {
		return []string{}
	}
	return items
}

// encodeList writes a list of strings for the database.
func encodeList(items []string) string {
	if items == nil {
		items = []string{}
	}
	encoded, err := json.Marshal(items)
	if err != nil {
		return "[]"
	}
	return string(encoded)
}
