package hostile

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// cancelLimit is how soon the platform must be told that nobody waits any more.
const cancelLimit = 50 * time.Millisecond

// cancelRows are the ways in which a client gives up a read.
func cancelRows(platform *gateway) []row {
	return []row{
		{fault: "a read is cancelled under way", limit: "aborted in 50 ms, no answer", over: []string{overStdio, overLegacy, overSSE}, probe: func(t *testing.T, over string) string {
			return readCancelled(t, platform, over)
		}},
		{fault: "the client is gone while it reads", limit: "aborted in 50 ms", over: []string{overModern, overSSE}, probe: func(t *testing.T, over string) string {
			return readerGone(t, platform, over)
		}},
		{fault: "the client is gone while it reads", limit: "not a cancellation", over: []string{overLegacy}, probe: func(t *testing.T, over string) string {
			return readerStays(t, platform, over)
		}},
		{fault: "a call is cancelled in the queue", limit: "never runs", over: []string{overStdio}, probe: func(t *testing.T, _ string) string {
			return cancelledInTheQueue(t, platform)
		}},
	}
}

// abortedIn tells how long after the start a held request was given up.
func abortedIn(t *testing.T, held *barrier, began time.Time) time.Duration {
	t.Helper()
	took := receive(t, held.aborted, "the end of the request to the platform").Sub(began)
	within(t, "giving up", took, cancelLimit)
	return took
}

func readCancelled(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	answer := busy(t, w, held, 1)[0]
	began := time.Now()
	w.send(cancelled("1"))
	took := abortedIn(t, held, began)
	select {
	case got := <-answer:
		if got.Result != nil || got.Error != nil {
			t.Errorf("a call that was given up is answered: %s", got.raw)
		}
	case <-time.After(300 * time.Millisecond):
	}
	ping(t, w)
	return milliseconds(took)
}

func readerGone(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	busy(t, w, held, 1)
	began := time.Now()
	w.leave()
	took := abortedIn(t, held, began)
	ping(t, dialHTTP(w.host(), over))
	return milliseconds(took)
}

// readerStays loses the connection of a call whose revision says that this is no cancellation.
func readerStays(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	busy(t, w, held, 1)
	w.leave()
	select {
	case <-held.aborted:
		t.Error("the read was given up")
	case <-time.After(300 * time.Millisecond):
	}
	return "goes on"
}

func cancelledInTheQueue(t *testing.T, platform *gateway) string {
	const workers, queued = 32, 8
	w := dialStdio(startStdio(t, offering(platform)), true)
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	busy(t, w, held, workers)
	var answers []<-chan reply
	for i := range queued {
		id := fmt.Sprintf(`"queued-%d"`, i)
		answers = append(answers, w.send(call(w, id, "get_agent", fmt.Sprintf(`{"agent":"queued-%d-%d"}`, i, w.server.command.Process.Pid)), id))
	}
	ping(t, w)
	for i := range queued / 2 {
		w.send(cancelled(fmt.Sprintf(`"queued-%d"`, i)))
	}
	ping(t, w)
	held.lift()
	for _, answer := range answers[queued/2:] {
		receive(t, answer, "the answer to a call that was not cancelled")
	}
	ping(t, w)
	ran := 0
	for i := range queued / 2 {
		if strings.Contains(platform.seen(), fmt.Sprintf("queued-%d-%d", i, w.server.command.Process.Pid)) {
			ran++
		}
	}
	if ran > 0 {
		t.Errorf("%d calls ran though they were cancelled before", ran)
	}
	return fmt.Sprintf("%d of %d ran", ran, queued/2)
}
