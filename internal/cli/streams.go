package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are the ends of a process that a command may touch.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// InTerminal and OutTerminal tell whether a person sits at the other end.
	InTerminal, OutTerminal bool
	// Environment looks environment variables up.
	Environment func(string) (string, bool)
	// Program is how the user started this program, for the commands that it suggests.
	Program string
}

// SystemStreams gives the process's own streams. From then on whatever prints to [os.Stdout] by mistake lands on
// stderr, since in stdio mode stdout is JSON-RPC's alone.
func SystemStreams() Streams {
	out := os.Stdout
	streams := Streams{
		In: os.Stdin, Out: out, Err: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(out.Fd())),
		Environment: os.LookupEnv,
		Program:     os.Args[0],
	}
	os.Stdout = os.Stderr
	return streams
}
