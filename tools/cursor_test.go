package tools

import (
	"errors"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// Whatever a client sends for a cursor, it is refused in words for a model or leads to a row that a list can have, and
// what a list gives for that row leads there again.
func FuzzCursor(f *testing.F) {
	for _, next := range []client.Cursor{{Offset: 20}, {Offset: 40, After: "a1"}, {Offset: maxCursorOffset}} {
		f.Add("list_agents", encodeCursor("list_agents", &next))
	}
	f.Add("list_agents", "")
	f.Add("list_agents", "eyJsIjoibGlzdF9hZ2VudHMiLCJvIjotMX0")
	f.Add("list_content", "bm90IEpTT04")
	f.Add("list_content", "!")
	f.Fuzz(func(t *testing.T, list, cursor string) {
		faults := Paging{Cursor: cursor}.Check()
		from, err := decodeCursor(list, cursor)
		if err != nil {
			if told, ok := errors.AsType[*Error](err); !ok || told.Code != CodeInvalidArgument {
				t.Fatalf("not for a model: %v", err)
			}
			return
		}
		if len(faults) > 0 {
			t.Fatalf("refused before the call and taken in it: %v", faults)
		}
		if from.Offset < 0 || from.Offset > maxCursorOffset {
			t.Fatalf("leads to row %d", from.Offset)
		}
		again, err := decodeCursor(list, encodeCursor(list, &from))
		if cursor != "" && (err != nil || again != from) {
			t.Fatalf("leads to %+v, which comes back as %+v (%v)", from, again, err)
		}
	})
}
