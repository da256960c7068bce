package client

import (
	"context"
	"iter"
)

// Cursor says where a list goes on.
type Cursor struct {
	// Offset is the number of rows before this position.
	Offset int
	// After is the id of the last row before it. It tells a platform that pages from one that sends the whole list
	// whatever offset is asked for.
	After string
}

// Page is a part of a list.
type Page[T any] struct {
	// Items are the rows, never nil.
	Items []T
	// Next is where the list goes on, or nil at its end.
	Next *Cursor
	// Total is the number of rows of the whole list, where the platform tells it.
	Total *int
}

// The bounds of a page's size, in rows.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// pageLimit is the size of a page for the limit that was asked for.
func pageLimit(limit int) int {
	if limit <= 0 {
		return DefaultLimit
	}
	return min(limit, MaxLimit)
}

// newPage cuts a page of at most limit rows out of what the platform answered to an offset and a limit that it may
// have honored or not.
func newPage[T any](rows []T, total *int, limit int, from Cursor, id func(*T) string) Page[T] {
	if skip := rowsBefore(rows, from, limit, id); skip > 0 {
		rows = rows[skip:]
	}
	whole := len(rows) <= limit
	if !whole {
		rows = rows[:limit]
	}
	page := Page[T]{Items: rows, Total: total}
	if page.Items == nil {
		page.Items = []T{}
	}
	end := from.Offset + len(rows)
	more := !whole || (len(rows) == limit && (total == nil || *total > end))
	if more && len(rows) > 0 {
		page.Next = &Cursor{Offset: end, After: id(&rows[len(rows)-1])}
	}
	return page
}

// rowsBefore counts the rows that belong to earlier pages: none when the platform honored the offset.
func rowsBefore[T any](rows []T, from Cursor, limit int, id func(*T) string) int {
	if from.Offset == 0 {
		return 0
	}
	if from.Offset <= len(rows) && from.After != "" && id(&rows[from.Offset-1]) == from.After {
		return from.Offset
	}
	// More rows than were asked for: the platform does not page, and the list has changed since.
	if len(rows) > limit {
		return min(from.Offset, len(rows))
	}
	return 0
}

// all walks the pages of a list. After an error it yields that error and ends.
func all[T any](ctx context.Context, list func(context.Context, Cursor) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		cursor := Cursor{}
		for {
			page, err := list(ctx, cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == nil {
				return
			}
			cursor = *page.Next
		}
	}
}
