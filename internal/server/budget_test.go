package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/mcp"
)

const mib = 1 << 20

// endless is a body of which some bytes come in, and then nothing, until it is let go.
type endless struct {
	left    int
	stalled chan<- struct{}
	release <-chan struct{}
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		e.stalled <- struct{}{}
		<-e.release
		return 0, io.ErrUnexpectedEOF
	}
	n := min(len(p), e.left)
	e.left -= n
	clear(p[:n])
	return n, nil
}

// long is a message of about a size that does little.
func long(method string, size int) string {
	return `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":{"uri":"slow:it","_meta":{"pad":"` + strings.Repeat("x", size) + `"}}}`
}

// Bodies that never end hold a bounded number of bytes; short messages pass all the same, and the rest once they are gone.
func TestUnfinishedBodiesAreBounded(t *testing.T) {
	o := newOpener(t)
	session := "Mcp-Session-Id: " + o.open("")
	release, stalled := make(chan struct{}), make(chan struct{}, 1)
	var ended []chan struct{}
	held := 0
	for ; held < 1000; held++ {
		request := post(t.Context(), "")
		request.Body = io.NopCloser(&endless{left: 3 * mib, stalled: stalled, release: release})
		recorder, end := newRecorder(), make(chan struct{})
		go func() {
			defer close(end)
			o.transport.serve(recorder, request)
		}()
		select {
		case <-stalled:
			ended = append(ended, end)
			continue
		case <-end:
		}
		if recorder.Code != http.StatusServiceUnavailable || recorder.Header().Get("Retry-After") == "" {
			t.Errorf("%d %s", recorder.Code, recorder.Body)
		}
		break
	}
	if held*3*mib > maxReceivedEach || held < 10 {
		t.Errorf("%d bodies of 3 MiB are held", held)
	}
	status := func(message string) int {
		recorder := newRecorder()
		o.transport.serve(recorder, post(t.Context(), message, session))
		return recorder.Code
	}
	for size, want := range map[int]int{0: 200, smallBytes / 2: 200, 4 * mib / 2: 503} {
		if got := status(long("ping", size)); got != want {
			t.Errorf("%d bytes: %d", size, got)
		}
	}
	close(release)
	for _, end := range ended {
		receive(t, end, "the end of a request")
	}
	if got := status(long("ping", 2*mib)); got != http.StatusOK || o.transport.received.held != 0 || len(o.transport.received.of) != 0 {
		t.Errorf("afterwards: %d, %d bytes are held", got, o.transport.received.held)
	}
}

// Names that anybody can make up share what is theirs, and leave the most to those who are known.
func TestCallersShareTheBudget(t *testing.T) {
	unverified := func(name string) context.Context {
		return withPrincipal(t.Context(), &Principal{ID: name, Verify: func(context.Context) error { return nil }})
	}
	known := func(name string) context.Context { return withPrincipal(t.Context(), &Principal{ID: name}) }
	all := newBudget(maxReceived, maxReceivedEach)
	fill := func(of func(int) payer) (bytes int) {
		for i := range 1000 {
			if held := all.charge(of(i)); held.add(mib) {
				bytes += mib
			}
		}
		return bytes
	}
	if got := fill(func(i int) payer { return payerOf(unverified(strconv.Itoa(i)), false) }); got > maxReceivedEach {
		t.Errorf("those who are not verified hold %d MiB", got/mib)
	}
	if got := fill(func(int) payer { return payerOf(known("alice"), false) }); got > maxReceivedEach || got < mib {
		t.Errorf("alice holds %d MiB", got/mib)
	}
	if got := fill(func(int) payer { return payerOf(unverified("bob"), true) }); got > maxReceivedEach || got < mib {
		t.Errorf("bob holds %d MiB", got/mib)
	}
	fill(func(i int) payer { return payerOf(known(strconv.Itoa(i)), false) })
	if all.held > maxReceived*3/4 {
		t.Errorf("all hold %d MiB", all.held/mib)
	}
	for _, name := range []string{"alice", "carol"} {
		if held := all.charge(payerOf(known(name), false)); !held.add(smallBytes) {
			t.Errorf("a small message of %s is refused", name)
		}
	}
}

// slowly adds a resource that is read until it is let go.
func slowly(s *Server) (started chan struct{}, release chan struct{}) {
	started, release = make(chan struct{}, maxRequests), make(chan struct{})
	s.mcp.AddResource(mcp.NewResource("slow:it", "it"), func(context.Context, mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		started <- struct{}{}
		<-release
		return []mcp.ResourceContents{}, nil
	})
	return started, release
}

// What an SSE client has posted counts until it is answered, though its POST has ended.
func TestSSERequestsAreBoundedInBytes(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	started, release := slowly(s)
	run := startHTTP(t, s, HTTPOptions{})
	stream := run.sse()
	taken := 0
	for id := 100; ; id++ {
		status := stream.post(strings.Replace(long("resources/read", 3*mib), `"id":1`, `"id":`+strconv.Itoa(id), 1))
		if status != http.StatusAccepted || taken > 40 {
			if status != http.StatusServiceUnavailable {
				t.Errorf("status %d", status)
			}
			break
		}
		receive(t, started, "a request")
		taken++
	}
	if taken*3*mib > maxReceivedEach || taken < 10 {
		t.Errorf("%d requests of 3 MiB are taken", taken)
	}
	if status := stream.post(long("ping", 0)); status != http.StatusAccepted || stream.next().Error != nil {
		t.Errorf("ping: status %d", status)
	}
	close(release)
	for range taken {
		stream.next()
	}
	run.end()
	if s.received.held != 0 {
		t.Errorf("%d bytes are held", s.received.held)
	}
}

func TestStdioRequestsAreBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestServer(t, newFakes())
		started, release := slowly(s)
		run := startStdio(t, s)
		taken := 0
		for ; taken < 40; taken++ {
			run.send(strings.Replace(long("resources/read", 3*mib), `"id":1`, fmt.Sprintf(`"id":%d`, 100+taken), 1))
			synctest.Wait()
			if len(started) == taken {
				break
			}
		}
		refused, _ := run.next()
		if taken*3*mib > maxBeside || taken < 10 || refused.Error == nil || refused.Error.Code != codeOverloaded {
			t.Errorf("%d requests of 3 MiB are taken, then %+v", taken, refused)
		}
		run.send(long("ping", smallBytes/2))
		if answer := answerTo(t, run, "1"); answer.Error != nil {
			t.Errorf("ping: %+v", answer.Error)
		}
		close(release)
		_ = run.in.Close()
		if answers := run.rest(); len(answers) != taken {
			t.Errorf("%d answers", len(answers))
		}
		run.end()
	})
}
