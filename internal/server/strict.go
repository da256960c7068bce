package server

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

const (
	// maxDepth bounds how deep arrays and objects may be nested.
	maxDepth = 64
	// maxMembers bounds the elements of an array and the members of an object.
	maxMembers = 10_000
)

// strictReader reads one JSON text, once, and finds what encoding/json lets pass though others read it differently:
// a key that comes twice or in other letters, text that is not Unicode, numbers that no float holds. It goes on behind
// the first such fault, so that the id behind it is found.
type strictReader struct {
	text []byte
	at   int
	// depth is how many arrays and objects are open.
	depth   int
	tooDeep bool
	// fault is the first thing that is valid JSON and refused; empty for none.
	fault string
	// keys are those of the open objects, innermost last.
	keys [][]byte
	// took is told each member of the places that the envelope is made of.
	took *envelopeOf
}

// read reads the whole text. It reports whether it is JSON, as far as it was read.
func (r *strictReader) read() bool {
	r.space()
	if !r.value(inEnvelope) {
		return false
	}
	r.space()
	return r.at == len(r.text)
}

// refuse notes a fault, unless there is one already.
func (r *strictReader) refuse(format string, values ...any) {
	if r.fault == "" {
		r.fault = fmt.Sprintf(format, values...)
	}
}

func (r *strictReader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// peek gives the next byte; zero at the end, which begins nothing.
func (r *strictReader) peek() byte {
	if r.at == len(r.text) {
		return 0
	}
	return r.text[r.at]
}

// take passes a byte if it is the next.
func (r *strictReader) take(b byte) bool {
	if r.peek() != b {
		return false
	}
	r.at++
	return true
}

func (r *strictReader) value(in place) bool {
	switch r.peek() {
	case '{':
		return r.nested(in, '}')
	case '[':
		return r.nested(in.elements(), ']')
	case '"':
		_, ok := r.string()
		return ok
	case 't':
		return r.literal("true")
	case 'f':
		return r.literal("false")
	case 'n':
		return r.literal("null")
	default:
		return r.number()
	}
}

func (r *strictReader) literal(word string) bool {
	if !bytes.HasPrefix(r.text[r.at:], []byte(word)) {
		return false
	}
	r.at += len(word)
	return true
}

// nested reads an array or an object up to its end, item by item.
func (r *strictReader) nested(in place, end byte) bool {
	if r.depth == maxDepth {
		r.tooDeep = true
		return r.skip()
	}
	r.depth++
	r.at++
	outer := len(r.keys)
	r.space()
	for count := 0; !r.take(end); count++ {
		if count == maxMembers {
			r.refuse("an array or object has more than %d members", maxMembers)
		}
		if count > 0 {
			if !r.take(',') {
				return false
			}
			r.space()
		}
		if ok := end == '}' && r.member(in) || end == ']' && r.value(in); !ok {
			return false
		}
		r.space()
	}
	r.checkUnique(r.keys[outer:])
	r.keys = r.keys[:outer]
	r.depth--
	return true
}

// skip passes an array or object that is nested too deep, by its brackets alone, so that the id behind it is found.
func (r *strictReader) skip() bool {
	for open := 0; ; {
		switch r.peek() {
		case 0:
			return false
		case '"':
			if _, ok := r.string(); !ok {
				return false
			}
			continue
		case '[', '{':
			open++
		case ']', '}':
			open--
		}
		r.at++
		if open == 0 {
			return true
		}
	}
}

// member reads a key and its value.
func (r *strictReader) member(in place) bool {
	if r.peek() != '"' {
		return false
	}
	quoted, ok := r.string()
	r.space()
	if !ok || !r.take(':') {
		return false
	}
	key := unquoted(quoted)
	r.space()
	start := r.at
	if r.fault == "" {
		if name, differs := in.respelled(key); differs {
			r.refuse("a key differs from %q in its letters' case only", name)
		}
	}
	if !r.value(in.within(string(key))) {
		return false
	}
	if in == inEnvelope || in == inParams {
		r.took.take(in, key, r.text[start:r.at])
	}
	if r.fault == "" { // else what is refused already would be remembered, however much it is
		r.keys = append(r.keys, key)
	}
	return true
}

// checkUnique refuses an object that has a key twice. It may change the order of the keys.
func (r *strictReader) checkUnique(keys [][]byte) {
	slices.SortFunc(keys, bytes.Compare)
	for i := 1; i < len(keys); i++ {
		if bytes.Equal(keys[i-1], keys[i]) {
			r.refuse("the key %q comes twice in an object", brief(string(keys[i])))
			return
		}
	}
}

// number reads a number, as RFC 8259 writes them.
func (r *strictReader) number() bool {
	start := r.at
	r.take('-')
	if !r.take('0') && !r.digits() {
		return false
	}
	plain := true
	if r.take('.') {
		plain = false
		if !r.digits() {
			return false
		}
	}
	if r.take('e') || r.take('E') {
		plain = false
		if !r.take('+') {
			r.take('-')
		}
		if !r.digits() {
			return false
		}
	}
	const certain = 300 // digits that a float surely holds
	if plain && r.at-start < certain {
		return true
	}
	if _, err := strconv.ParseFloat(string(r.text[start:r.at]), 64); err != nil {
		r.refuse("a number is too large")
	}
	return true
}

// digits passes one digit or more.
func (r *strictReader) digits() bool {
	start := r.at
	for b := r.peek(); b >= '0' && b <= '9'; b = r.peek() {
		r.at++
	}
	return r.at > start
}
