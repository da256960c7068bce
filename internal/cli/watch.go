package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/robutlerai/robutler-mcp/tools"
)

// barWidth is the width of a progress bar, in characters.
const barWidth = 30

// watch shows on stderr how far a call is, where a person reads that, and the parts of an answer where they are wanted.
// The function ends what was shown.
func watch(ctx context.Context, streams Streams, parts bool) (watched context.Context, end func()) {
	var drawn, told bool
	watched = tools.WithProgress(ctx, func(p tools.Progress) {
		switch {
		case parts && p.Part != "":
			told = true
			fmt.Fprint(streams.Err, plainText(p.Part))
		case streams.ErrTerminal && !told:
			drawn = true
			fmt.Fprintf(streams.Err, "\r\x1b[K%s", progressLine(p))
		}
	})
	return watched, func() {
		switch {
		case told:
			fmt.Fprintln(streams.Err)
		case drawn:
			fmt.Fprint(streams.Err, "\r\x1b[K")
		}
	}
}

// progressLine draws a bar where the end is known.
func progressLine(p tools.Progress) string {
	message := cut(strings.ReplaceAll(plainText(p.Message), "\n", " "), screenWidth-barWidth-10)
	if p.Total <= 0 {
		return message
	}
	share := min(max(p.Done/p.Total, 0), 1)
	filled := int(share * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f %% %s", strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), share*100, message)
}

// plainText takes out what would move a terminal's cursor.
func plainText(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return -1
		}
		return r
	}, text)
}
