package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapFloor is how far the heap may grow, in bytes, before it is collected, though it has more than doubled: what a call
	// leaves behind is much beside what is kept, and by the usual rule would be collected hundreds of times a second.
	heapFloor = 12 << 20
	// floorPercent is the growth at which the runtime waits for as many bytes, and usualPercent the one of a large heap.
	floorPercent, usualPercent = 300, 100
)

// keepHeapFloor lets a small heap grow to heapFloor, which spares a fifth of the processor's time under load. GOGC decides
// instead where the user has set it.
func keepHeapFloor(environment func(string) (string, bool)) {
	if _, set := environment("GOGC"); set {
		return
	}
	debug.SetGCPercent(floorPercent)
	runtime.SetFinalizer(&collection{percent: floorPercent, live: []metrics.Sample{{Name: "/gc/heap/live:bytes"}}}, (*collection).ended)
}

// percentFor gives how much the heap may grow, of what is in use.
func percentFor(live uint64) int {
	return int(min(max(heapFloor*100/max(live, 1), usualPercent), floorPercent))
}

// collection is garbage, so that it hears of the end of each collection.
type collection struct {
	percent int
	live    []metrics.Sample
}

// ended sets how far the heap may grow until the next collection.
func (c *collection) ended() {
	metrics.Read(c.live)
	if percent := percentFor(c.live[0].Value.Uint64()); percent != c.percent {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
	runtime.SetFinalizer(c, (*collection).ended)
}
