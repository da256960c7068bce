package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapFloor is how large a small heap becomes, in bytes, before it is collected, though it has more than doubled: what a call
	// leaves behind is much beside what is kept, and by the usual rule would be collected hundreds of times a second.
	heapFloor = 20 << 20
	// floorPercent is the growth that the smallest heaps get, of what is in use: the runtime collects none of less than 4 MiB for
	// each 100 of it, which is heapFloor. usualPercent is that of a large one.
	floorPercent, usualPercent = 500, 100
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
	room := heapFloor - min(live, heapFloor)
	return int(min(max(room*100/max(live, 1), usualPercent), floorPercent))
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
