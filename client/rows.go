package client

import (
	"bytes"
	"encoding/json"
	"strings"
)

// rows holds the array of a list's answer. A row is read when it is asked for, since a page may need few of many: one that
// cannot be read is left out, but it still counts as a row of the platform's.
type rows[T any] struct {
	elements []json.RawMessage
	// found says that there was an array, or null in its place.
	found bool
}

func (r *rows[T]) UnmarshalJSON(data []byte) error {
	*r = rows[T]{}
	if string(bytes.TrimSpace(data)) == "null" {
		r.found = true
		return nil
	}
	r.elements, r.found = elements(nil, data)
	return nil
}

// at reads a row, and reports whether it can be read.
func (r *rows[T]) at(position int, row *T) bool {
	element := r.elements[position]
	return string(element) != "null" && decodeValue(element, row) == nil
}

// between gives the rows from one position to ahead of another that can be read, never nil.
func (r *rows[T]) between(first, end int) []T {
	readable := make([]T, 0, min(end-first, MaxLimit)) // a hostile list may have millions
	for position := first; position < end; position++ {
		readable = append(readable, *new(T)) // it is read where it stays
		if last := len(readable) - 1; !r.at(position, &readable[last]) {
			readable = readable[:last]
		}
	}
	return readable
}

// all gives the rows that can be read, never nil.
func (r *rows[T]) all() []T { return r.between(0, len(r.elements)) }

// must gives the rows, or the error for an answer that has no list where one belongs.
func (r *rows[T]) must(o *operation) ([]T, error) {
	if !r.found {
		return nil, unusable(o, "the answer holds no list")
	}
	return r.all(), nil
}

// decodeList reads an answer with the rows of a list under a name of lower case, and how many there are in all where it
// tells.
func decodeList[T any](o *operation, got answer, name string) (listed rows[T], total *int, err error) {
	if !isObject(got.body) {
		return listed, nil, unusable(o, "the answer is not a JSON object")
	}
	var all count
	for _, member := range got.members {
		switch strings.ToLower(string(member.key)) {
		case name:
			if len(member.elements) > 0 {
				listed = rows[T]{elements: member.elements, found: true}
			} else {
				err = listed.UnmarshalJSON(member.value)
			}
		case "total":
			err = all.UnmarshalJSON(member.value)
		}
		if err != nil {
			return listed, nil, unusable(o, "the answer does not have the platform's form")
		}
	}
	return listed, all.pointer(), nil
}
