package server

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// Whatever comes in, each line comes out once, in order, or is refused for its length.
func TestLineReaderKeepsEveryLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const bound = 40
		lines := rapid.SliceOf(rapid.StringMatching(`[a-z]{0,70}`)).Draw(t, "lines")
		ending := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "ending")
		input := strings.Join(lines, ending)
		if rapid.Bool().Draw(t, "complete") {
			input += ending
		}
		var in io.Reader = strings.NewReader(input)
		if rapid.Bool().Draw(t, "slow") {
			in = iotest.OneByteReader(in)
		}
		reader := &lineReader{in: bufio.NewReaderSize(in, 16), max: bound}
		got, want := []string{}, []string{}
		for {
			line, err := reader.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, errOversize) {
				t.Fatal(err)
			}
			if err != nil {
				got = append(got, "refused")
			} else if len(line) > 0 {
				got = append(got, string(line))
			}
		}
		for _, line := range lines {
			switch {
			case len(line) > bound:
				want = append(want, "refused")
			case line != "":
				want = append(want, line)
			}
		}
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestLineReaderReportsABrokenInput(t *testing.T) {
	broken := errors.New("the pipe broke")
	reader := &lineReader{in: bufio.NewReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken))), max: 9}
	if line, err := reader.next(); string(line) != "a" || err != nil {
		t.Fatalf("got %q, %v", line, err)
	}
	if _, err := reader.next(); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
}

// wholeLines fails a test when it is written anything but one line.
type wholeLines struct {
	t     *rapid.T
	lines []string
}

func (w *wholeLines) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("\n")) != 1 || !bytes.HasSuffix(p, []byte("\n")) {
		w.t.Fatalf("wrote %q", p)
	}
	w.lines = append(w.lines, string(bytes.TrimSpace(p)))
	return len(p), nil
}

// A message is one line, and is not written if that is how it is decided at its turn.
func TestLineWriterWritesWholeLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := &wholeLines{t: t}
		w := newLineWriter(out)
		var want []string
		for i := range rapid.IntRange(0, 20).Draw(t, "count") {
			line, wanted := strconv.Itoa(i), rapid.Bool().Draw(t, "wanted")
			ending := rapid.SampledFrom([]string{"", "\n"}).Draw(t, "ending")
			if err := w.deliver([]byte(line+ending), func() bool { return wanted }); err != nil {
				t.Fatal(err)
			}
			if wanted {
				want = append(want, line)
			}
		}
		if !slices.Equal(out.lines, want) {
			t.Fatalf("got %v, want %v", out.lines, want)
		}
	})
}

func TestLineWriterTellsOnceThatTheClientIsGone(t *testing.T) {
	w := newLineWriter(brokenWriter{})
	for range 2 {
		if err := w.deliver([]byte("a"), always); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("got %v", err)
		}
	}
	<-w.failed
	if err := w.close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
