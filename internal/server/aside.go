package server

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

// manySessions is the number of open sessions from which their requests are served aside.
const manySessions = 128

// aside does something in a goroutine of its own. What most requests take of stack is twice what a connection needs
// otherwise, and that of the connection's goroutine would stay as large until garbage has been collected often enough. A
// goroutine costs some microseconds: with few sessions open, a call is better off without.
func aside(do func()) {
	var failure any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if failure = recover(); failure != nil && failure != http.ErrAbortHandler { //nolint:errorlint // it is a value, as net/http has it
				failure = fmt.Sprintf("%v, in\n%s", failure, debug.Stack()) // the other goroutine's stack does not tell
			}
		}()
		do()
	}()
	<-done
	if failure != nil {
		panic(failure)
	}
}
