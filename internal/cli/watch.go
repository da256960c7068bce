package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/robutlerai/robutler-mcp/tools"
)

// barWidth is the width of a progress bar, in characters.
const barWidth = 30

// watched is what was shown of a call while it ran.
type watched struct {
	streams Streams
	// parts is where the parts of an answer go; nil leaves them to the result.
	parts io.Writer
	// told says that parts were shown, and open that they did not end a line.
	told, open bool
	drawn      bool
}

// watch shows on stderr how far a call is, where a person reads that, and the parts of an answer where they are wanted.
func watch(ctx context.Context, streams Streams, parts io.Writer) (context.Context, *watched) {
	w := &watched{streams: streams, parts: parts}
	return tools.WithProgress(ctx, w.report), w
}

func (w *watched) report(p tools.Progress) {
	switch {
	case w.parts != nil && p.Part != "":
		w.clear()
		text := plainText(p.Part)
		w.told, w.open = true, !strings.HasSuffix(text, "\n")
		fmt.Fprint(w.parts, text)
	case w.streams.ErrTerminal && takesCommands(w.streams) && !w.told:
		w.drawn = true
		fmt.Fprintf(w.streams.Err, "\r\x1b[K%s", progressLine(p, w.streams.errWidth()-1))
	}
}

// end ends what was shown, so that what follows begins a line.
func (w *watched) end() {
	w.clear()
	if w.open {
		w.open = false
		fmt.Fprintln(w.parts)
	}
}

func (w *watched) clear() {
	if w.drawn {
		w.drawn = false
		fmt.Fprint(w.streams.Err, "\r\x1b[K")
	}
}

// progressLine draws a bar where the end is known. It stays on one line: what wraps cannot be taken back.
func progressLine(p tools.Progress, room int) string {
	message := strings.ReplaceAll(plainText(p.Message), "\n", " ")
	if p.Total <= 0 {
		return cut(message, room)
	}
	share := min(max(p.Done/p.Total, 0), 1)
	wide := min(barWidth, room/3)
	filled := int(share * float64(wide))
	return cut(fmt.Sprintf("[%s%s] %3.0f %% %s", strings.Repeat("█", filled), strings.Repeat("░", wide-filled), share*100, message), room)
}
