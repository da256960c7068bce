package cli

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneProcessorIsForRequestsThatDoNotMeet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var changes []string
		var mu sync.Mutex
		changed := func(to string) func() {
			return func() {
				mu.Lock()
				defer mu.Unlock()
				changes = append(changes, to)
			}
		}
		p := &processors{restrict: changed("one"), release: changed("all")}
		after := func(wait time.Duration, want ...string) {
			t.Helper()
			time.Sleep(wait)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(changes, want) {
				t.Errorf("got %v, want %v", changes, want)
			}
			if last := len(want) - 1; last >= 0 && p.single().Load() != (want[last] == "one") {
				t.Errorf("alone is %v after %v", p.single().Load(), want)
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
	if p.single() != nil {
		t.Error("there is a flag for what never is")
	}
}

func TestProcessorsAreLeftToRequestsThatMeetAlready(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		restricted := 0
		p := &processors{restrict: func() { restricted++ }, release: func() { t.Error("they were released, though none were kept back") }}
		p.working(2)
		p.save()
		time.Sleep(aloneTime / 2)
		synctest.Wait()
		if restricted != 0 {
			t.Error("one is to do, though requests meet")
		}
		p.working(1)
		time.Sleep(2 * aloneTime)
		synctest.Wait()
		if restricted != 1 {
			t.Errorf("restricted %d times once they had gone", restricted)
		}
	})
}

// TestProcessorsFollowTheLastWish changes its mind while a change is under way, which may take as long as a collection.
func TestProcessorsFollowTheLastWish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		used := 0
		p := &processors{
			restrict: func() { time.Sleep(2 * aloneTime); used = 1 }, release: func() { time.Sleep(2 * aloneTime); used = 2 },
		}
		p.save()
		p.working(2) // nobody waits for the change
		p.working(1)
		time.Sleep(time.Minute)
		synctest.Wait()
		if used != 1 {
			t.Errorf("%d are used, though no requests meet", used)
		}
		p.working(2)
		time.Sleep(time.Minute)
		synctest.Wait()
		if used != 2 {
			t.Errorf("%d are used, though requests meet", used)
		}
		p.working(0)
		time.Sleep(time.Minute)
		synctest.Wait()
		if used != 1 {
			t.Errorf("%d are used in the end", used)
		}
	})
}
