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
	// After is the id of the last row before it. It finds the position again where rows came in front of it meanwhile, and
	// tells a platform that pages from one that sends the whole list whatever offset is asked for.
	After string
	// Again counts the answers up to here that held nothing but rows of before.
	Again int
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

// maxAgain is how many answers in a row may hold nothing but rows of before. As many rows may have come in front; or the
// platform gives the same whatever offset is asked for.
const maxAgain = 3

// newPage cuts a page of at most limit rows out of what the platform answered to an offset and a limit that it may
// have honored or not. Rows are counted as the platform does, those that could not be read included.
func newPage[T any](o *operation, got rows[T], total *int, limit, offset int, from Cursor, id func(*T) string) (Page[T], error) {
	if !got.found {
		return Page[T]{}, unusable(o, "the answer holds no list")
	}
	skip, found := rowsBefore(got, from, limit, offset, id)
	count := len(got.elements)
	end := min(skip+limit, count)
	page := Page[T]{Items: got.between(skip, end), Total: total}
	position, more := end, count > end
	if whole := count > limit || (found && total != nil && *total == count); !whole {
		position, more = offset+end, count == limit
		if total != nil {
			more = *total > position
		}
	}
	switch {
	case !more || (end == skip && !found):
		return page, nil
	case end > skip:
		page.Next = &Cursor{Offset: position}
		if last := new(T); got.at(end-1, last) {
			page.Next.After = id(last)
		}
	case from.Again < maxAgain:
		page.Next = &Cursor{Offset: position, After: from.After, Again: from.Again + 1}
	case total != nil:
		return Page[T]{}, unusable(o, "the platform gives the same rows for every offset")
	}
	return page, nil
}

// rowsBefore counts the rows of the answer that belong to earlier pages, and reports whether the last row of those is among
// them: because the platform does not page, or because rows came in front of it.
func rowsBefore[T any](got rows[T], from Cursor, limit, offset int, id func(*T) string) (before int, found bool) {
	count := len(got.elements)
	if from.Offset == 0 {
		return 0, false
	}
	// In a whole list it is where it was, or further on; ids may come twice.
	start := from.Offset - 1
	if start >= count {
		start = 0
	}
	for step := 0; from.After != "" && step < count; step++ {
		position := (start + step) % count
		if row := new(T); got.at(position, row) && id(row) == from.After {
			return position + 1, true
		}
	}
	// More rows than were asked for: the platform does not page, and the row has gone since.
	if count > limit {
		return min(from.Offset, count), false
	}
	return min(from.Offset-offset, count), false
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
		var none T
		yield(none, &APIError{Operation: "walk list", Message: "it has more than 10,000 pages", kind: ErrBadResponse})
	}
}
