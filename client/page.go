package client

import (
	"context"
	"iter"
	"reflect"
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
// have honored or not. Rows are counted as the platform does, those that could not be read included.
func newPage[T any](o *operation, got rows[T], total *int, limit int, from Cursor, id func(*T) string) (Page[T], error) {
	if !got.found {
		return Page[T]{}, unusable(o, "the answer holds no list")
	}
	skip := rowsBefore(got, from, limit, id)
	count := len(got.elements)
	end := min(skip+limit, count)
	page := Page[T]{Items: got.between(skip, end), Total: total}
	offset := from.Offset + end - skip
	more := count > end || end-skip == limit
	if total != nil {
		more = *total > offset
	}
	if more && end > skip {
		page.Next = &Cursor{Offset: offset}
		if len(page.Items) > 0 {
			page.Next.After = id(&page.Items[len(page.Items)-1])
		}
	}
	return page, nil
}

// rowsBefore counts the rows of the answer that belong to earlier pages: none when the platform honored the offset.
func rowsBefore[T any](got rows[T], from Cursor, limit int, id func(*T) string) int {
	if from.Offset == 0 {
		return 0
	}
	count := len(got.elements)
	for position := 0; from.After != "" && position < min(from.Offset, count); position++ {
		if row := new(T); got.at(position, row) && id(row) == from.After {
			return min(from.Offset, count)
		}
	}
	// More rows than were asked for: the platform does not page, and the list has changed since.
	if count > limit {
		return min(from.Offset, count)
	}
	return 0
}

// maxPages bounds how long a list is walked.
const maxPages = 10_000

// all walks the pages of a list. After an error it yields that error and ends.
func all[T any](ctx context.Context, list func(context.Context, Cursor) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		cursor := Cursor{}
		var first any
		for pages := range maxPages {
			page, err := list(ctx, cursor)
			if err == nil && pages > 0 && len(page.Items) > 0 && reflect.DeepEqual(first, any(page.Items[0])) {
				err = &APIError{Operation: "walk list", Message: "the platform gives the same page again", kind: ErrBadResponse}
			}
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
			if len(page.Items) > 0 {
				first = page.Items[0]
			}
		}
	}
}
