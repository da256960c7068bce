package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault is one thing that is wrong with a call's arguments.
type Fault struct {
	// Field is where, for example limit or intents[2]; empty for the call as a whole.
	Field string
	// Problem says what is wrong, to be read after the field: must be at most 100, got 1000.
	Problem string
	// ValidValues are the values, or the names of arguments, that would do.
	ValidValues []string
	// Suggestion is the valid value that was probably meant, or empty.
	Suggestion string
}

// String gives the fault as a clause.
func (f Fault) String() string {
	var b strings.Builder
	if f.Field != "" {
		b.WriteString(strconv.Quote(f.Field))
		b.WriteByte(' ')
	}
	b.WriteString(f.Problem)
	if f.Suggestion != "" {
		fmt.Fprintf(&b, " (did you mean %s?)", f.Suggestion)
	}
	return b.String()
}

// ArgumentError holds every fault of a call.
type ArgumentError struct {
	Faults []Fault
}

// maxErrorLength bounds the message, in bytes; clients cut longer ones at a place of their choice.
const maxErrorLength = 1500

// Error names every fault and what would be valid, in one message.
func (e *ArgumentError) Error() string {
	noun := "problems"
	if len(e.Faults) == 1 {
		noun = "problem"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s with the arguments: ", len(e.Faults), noun)
	for i, fault := range e.Faults {
		clause := fault.String()
		if i > 0 {
			if b.Len()+len(clause) > maxErrorLength {
				fmt.Fprintf(&b, "; and %d more", len(e.Faults)-i)
				break
			}
			b.WriteString("; ")
		}
		b.WriteString(truncate(clause, maxErrorLength-100))
	}
	return b.String()
}

// truncate cuts a text at a character's border.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && text[limit]&0xC0 == 0x80 {
		limit--
	}
	return text[:limit] + "..."
}
