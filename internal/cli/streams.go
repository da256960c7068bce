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
	// InTerminal, OutTerminal and ErrTerminal tell whether a person sits at the other end.
	InTerminal, OutTerminal, ErrTerminal bool
	// Width tells how wide the terminal is, in characters; 0 where there is none.
	Width func() int
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
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Width: func() int {
			wide, _, err := term.GetSize(int(out.Fd()))
			if err != nil {
				return 0
			}
			return wide
		},
		Environment: os.LookupEnv,
		Program:     os.Args[0],
	}
	os.Stdout = os.Stderr
	return streams
}

// width is what a table may take up.
func (s Streams) width() int {
	if s.Width == nil {
		return screenWidth
	}
	if wide := s.Width(); wide > 0 {
		return wide
	}
	return screenWidth
}
