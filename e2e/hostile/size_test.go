package hostile

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	// oversizeTime is how soon what is too long is refused, and oversizeMemory what it may cost, in KiB.
	oversizeTime   = 500 * time.Millisecond
	oversizeMemory = 32 << 10
)

// sizeRows are about messages that are long, or too long.
func sizeRows(platform *gateway) []row {
	rows := []row{{fault: "an argument of 1 MB", limit: "200 ms", over: everywhere(), probe: func(t *testing.T, over string) string {
		return longArgument(t, platform, over)
	}}}
	for _, size := range []int{64 << 20, 256 << 20} {
		limit := "refused in 500 ms, +32 MiB"
		rows = append(rows,
			row{fault: fmt.Sprintf("a line of %d MB", size>>20), limit: limit, over: []string{overStdio}, probe: func(t *testing.T, _ string) string {
				return longLine(t, platform, size)
			}},
			row{fault: fmt.Sprintf("a body of %d MB", size>>20), limit: limit, over: web(), probe: func(t *testing.T, over string) string {
				return longBody(t, platform, over, int64(size), int64(size))
			}},
			row{fault: fmt.Sprintf("a body of %d MB, not told ahead", size>>20), limit: limit, over: web(), probe: func(t *testing.T, over string) string {
				return longBody(t, platform, over, int64(size), -1)
			}},
		)
	}
	return append(rows, row{fault: "a line that never ends", limit: "refused in 500 ms, +32 MiB", over: []string{overStdio}, probe: func(t *testing.T, _ string) string {
		return endlessLine(t, platform)
	}})
}

func longArgument(t *testing.T, platform *gateway, over string) string {
	given := offering(platform)
	given.direct = true
	w := dial(t, over, given)
	text := strings.Repeat("a", 1<<20)
	took := time.Hour
	for range 8 { // the machine may have been busy with something else
		began := time.Now()
		do(t, w, "upload_content", fmt.Sprintf(`{"filename":"large-%d.txt","text":%q}`, payments.Add(1), text)).good(t)
		took = min(took, time.Since(began))
	}
	within(t, "the call", took, 200*time.Millisecond)
	return fmt.Sprintf("%s, %d MiB held", milliseconds(took), w.host().peak()>>10)
}

// beginning opens a call whose argument never ends.
const beginning = `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"search_agents","arguments":{"query":"`

// grown tells what a server holds more than before, and fails if that is too much.
func grown(t *testing.T, s *server, before int) int {
	t.Helper()
	grown := s.peak() - before
	if grown > oversizeMemory {
		t.Errorf("the server held %d MiB more", grown>>10)
	}
	return grown >> 10
}

// refused fails unless an answer refuses a message that is too long.
func refused(t *testing.T, answer reply, took time.Duration) {
	t.Helper()
	if answer.code() != -32600 || string(answer.ID) != "7" {
		t.Errorf("the line is answered with %s", shortened(answer.raw))
	}
	within(t, "the refusal", took, oversizeTime)
}

func longLine(t *testing.T, platform *gateway, size int) string {
	w := dialStdio(startStdio(t, offering(platform)), true)
	ping(t, w)
	w.server.forget()
	before := w.server.peak()
	to, _ := w.expect([]string{"7"}) // which the beginning of the line tells
	began := time.Now()
	w.write(beginning)
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = io.CopyN(w.server.stdin, endless{}, int64(size)) // ends when the server does, which fails below
		_, _ = io.WriteString(w.server.stdin, `"}}}`+"\n")
	}()
	answer := receive(t, to, "the refusal")
	took := time.Since(began)
	refused(t, answer, took)
	receive(t, written, "the end of the line")
	through := time.Since(began)
	ping(t, w)
	return fmt.Sprintf("%s, +%d MiB, read to its end in %s", milliseconds(took), grown(t, w.server, before), milliseconds(through))
}

// endless gives letters without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte("a"), min(len(p), 64<<10)))
	return min(len(p), 64<<10), nil
}

func endlessLine(t *testing.T, platform *gateway) string {
	w := dialStdio(startStdio(t, offering(platform)), true)
	w.server.forget()
	before := w.server.peak()
	to, _ := w.expect([]string{"7"}) // which the beginning of the line tells
	began := time.Now()
	w.write(beginning)
	var took time.Duration
	var written int64
	for time.Since(began) < 2*time.Second {
		n, err := io.CopyN(w.server.stdin, endless{}, 1<<20)
		written += n
		if err != nil {
			t.Fatalf("write to the server: %v", err)
		}
		select {
		case answer := <-to:
			took = time.Since(began)
			refused(t, answer, took)
		default:
		}
	}
	if took == 0 {
		t.Error("the line is not refused while it comes")
	}
	w.write("\n")
	ping(t, w)
	if extra := w.strays(); len(extra) > 0 {
		t.Errorf("the line is answered more than once: %s", extra[0].raw)
	}
	return fmt.Sprintf("%s, +%d MiB of %d MiB written", milliseconds(took), grown(t, w.server, before), written>>20)
}

// longBody posts a body that is too long. The length is told ahead unless it is negative.
func longBody(t *testing.T, platform *gateway, over string, size, told int64) string {
	w := dial(t, over, offering(platform))
	s := w.host()
	ping(t, w)
	s.forget()
	before := s.peak()
	body := io.MultiReader(strings.NewReader(beginning), io.LimitReader(endless{}, size-int64(len(beginning))))
	began := time.Now()
	var response *http.Response
	var err error
	switch w := w.(type) {
	case *poster:
		response, err = w.postBody(body, told, beginning)
	case *sseWire:
		request, broken := http.NewRequestWithContext(t.Context(), http.MethodPost, w.endpoint, body)
		if broken != nil {
			t.Fatal(broken)
		}
		request.ContentLength = told
		request.Header.Set("Content-Type", "application/json")
		response, err = w.web.Do(request)
	}
	took := time.Since(began)
	if err != nil {
		t.Fatalf("the body is not answered: %v", err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", response.StatusCode)
	}
	within(t, "the refusal", took, oversizeTime)
	ping(t, w)
	return fmt.Sprintf("413 in %s, +%d MiB", milliseconds(took), grown(t, s, before))
}
