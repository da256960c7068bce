package server

import (
	"slices"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

// The report that a task is done is the one that people look for: it comes however soon after another, and once.
func TestTheLastProgressIsNotHeldBack(t *testing.T) {
	c := newHandClock()
	p := trackProgress("t", nil, c)
	for _, done := range []float64{1, 2, 10, 10, 11} {
		c.advance(1)
		p.report(tools.Progress{Done: done, Total: 10})
	}
	if want := []progressParams{{Progress: 1, Total: 10}, {Progress: 10, Total: 10}}; !slices.Equal(queued(t, p), want) {
		t.Errorf("want %+v", want)
	}
	p = trackProgress("t", nil, c)
	p.report(tools.Progress{Done: 1})
	p.report(tools.Progress{Done: 2}) // of an unknown total: none is the last
	if got := queued(t, p); len(got) != 1 {
		t.Errorf("sent %+v", got)
	}
}
