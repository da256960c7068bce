package cli

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestWorkIsPutOffUntilTheFirstAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var first, second atomic.Int64
		var later afterStart
		later.add(func() { first.Add(1) })
		later.add(func() { second.Add(1) })
		synctest.Wait()
		if first.Load() != 0 {
			t.Error("it is done ahead of the first answer")
		}
		for range 3 {
			later.answered()
			synctest.Wait()
			if first.Load() != 1 || second.Load() != 1 {
				t.Errorf("done %d and %d times after an answer", first.Load(), second.Load())
			}
		}
	})
}
