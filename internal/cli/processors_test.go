package cli

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneProcessorIsForRequestsThatDoNotMeet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var changes []string
		p := &processors{
			restrict: func() { changes = append(changes, "one") }, release: func() { changes = append(changes, "all") },
		}
		after := func(wait time.Duration, want ...string) {
			t.Helper()
			time.Sleep(wait)
			synctest.Wait()
			p.mu.Lock()
			defer p.mu.Unlock()
			if !slices.Equal(changes, want) {
				t.Errorf("got %v, want %v", changes, want)
			}
			changes = nil
		}
		p.working(2)
		after(time.Minute) // nobody has asked to save any
		p.working(0)
		p.save()
		after(0, "one")
		for range 3 {
			p.working(1)
			p.working(0)
		}
		after(time.Minute)
		p.working(1)
		p.working(2)
		p.working(3)
		after(aloneTime-1, "all")
		p.working(2)
		p.working(1)
		after(aloneTime) // they had met before the last look
		p.working(0)
		after(aloneTime, "one")
		p.working(2)
		after(time.Minute, "all") // they still do
		p.working(1)
		after(2*aloneTime, "one")
	})
}

func TestProcessorsAreTheUsersWhereSet(t *testing.T) {
	t.Parallel()
	p := newProcessors(func(string) (string, bool) { return "2", true })
	if p != nil {
		t.Error("GOMAXPROCS is set, but the server decides")
	}
	p.save()
	p.working(2)
}
