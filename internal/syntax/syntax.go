// Package syntax says where a text is not in the language that it should be in. It repeats nothing of the text, which may
// hold a key, and nothing of what the library says, which is not for people.
package syntax

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// positioned is an error that knows where in the text it is, such as that of the library for TOML.
type positioned interface {
	error
	Position() (row, column int)
}

// ErrTwice says that a name stands twice where it may stand once.
var ErrTwice = errors.New("a name stands there twice")

// Fault says in which line a text is not of a language, by the error of the library that reads it.
func Fault(language string, err error) error {
	place := "near " + Line(err)
	if strings.Contains(err.Error(), "already defined") {
		return fmt.Errorf("it is not valid %s: %w, %s", language, ErrTwice, place)
	}
	return fmt.Errorf("it is not valid %s, %s", language, place)
}

// Line finds the line in an error. Libraries leave it out for the first one.
func Line(err error) string {
	if known, ok := errors.AsType[positioned](err); ok {
		row, column := known.Position()
		return fmt.Sprintf("line %d, column %d", row, column)
	}
	if found := regexp.MustCompile(`line \d+(, column \d+)?`).FindString(err.Error()); found != "" {
		return found
	}
	return "line 1"
}
