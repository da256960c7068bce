package cli

import (
	"io"
	"os"
	"runtime"
	"strconv"

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
	// SampleMemory has Go note from now on who allocates, for a profile; nil where it does so anyway.
	SampleMemory func()
}

// SystemStreams gives the process's own streams. From then on whatever prints to [os.Stdout] by mistake lands on
// stderr, since in stdio mode stdout is JSON-RPC's alone, and Go takes no samples of who allocates until SampleMemory is called:
// hardly anybody asks for the profile, and they take a hundredth of the processor's time. It is to be called once.
func SystemStreams() Streams {
	sampled := runtime.MemProfileRate
	runtime.MemProfileRate = 0
	out := os.Stdout
	streams := Streams{
		In: os.Stdin, Out: out, Err: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(out.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Width: func() int {
			for _, end := range []*os.File{out, os.Stderr} {
				if wide, _, err := term.GetSize(int(end.Fd())); err == nil {
					return wide
				}
			}
			return 0
		},
		Environment: os.LookupEnv,
		Program:     os.Args[0],

		SampleMemory: func() { runtime.MemProfileRate = sampled },
	}
	os.Stdout = os.Stderr
	return streams
}

// screenWidth is what lines may take up where the terminal does not tell.
const screenWidth = 80

// width is what a line may take up at a terminal: as COLUMNS says, or as the terminal itself does.
func (s Streams) width() int {
	if columns, set := s.Environment("COLUMNS"); set {
		if wide, err := strconv.Atoi(columns); err == nil && wide > 0 {
			return wide
		}
	}
	if s.Width == nil {
		return screenWidth
	}
	if wide := s.Width(); wide > 0 {
		return wide
	}
	return screenWidth
}

// outWidth and errWidth are what a line may take up on stdout and stderr: anything, 0, where no terminal reads it.
func (s Streams) outWidth() int {
	if !s.OutTerminal {
		return 0
	}
	return s.width()
}

func (s Streams) errWidth() int {
	if !s.ErrTerminal {
		return 0
	}
	return s.width()
}

// takesCommands reports whether a terminal understands more than text.
func takesCommands(streams Streams) bool {
	terminal, _ := streams.Environment("TERM")
	return terminal != "dumb"
}

// wantsColor reports whether a person sees colors there and wants them, as no-color.org asks.
func wantsColor(streams Streams, terminal bool) bool {
	unwanted, _ := streams.Environment("NO_COLOR")
	return terminal && unwanted == "" && takesCommands(streams)
}
