package telemetry

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// counter only grows.
type counter struct{ count atomic.Uint64 }

func (c *counter) increase() { c.count.Add(1) }

func (c *counter) write(x *exposition, name, labels string) {
	x.sample(name, labels, float64(c.count.Load()))
}

// gauge goes up and down.
type gauge struct{ level atomic.Int64 }

func (g *gauge) write(x *exposition, name, labels string) {
	x.sample(name, labels, float64(g.level.Load()))
}

// histogram counts what it observes in buckets.
type histogram struct {
	bounds []float64 // the buckets' upper ones, which belong to them

	mu     sync.Mutex
	counts []uint64 // per bucket, and one for what is above all bounds
	sum    float64
}

func newHistogram(bounds []float64) *histogram {
	return &histogram{bounds: bounds, counts: make([]uint64, len(bounds)+1)}
}

func (h *histogram) observe(value float64) {
	bucket, _ := slices.BinarySearch(h.bounds, value)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts[bucket]++
	h.sum += value
}

// write gives the counts cumulated, as the format has them.
func (h *histogram) write(x *exposition, name, labels string) {
	h.mu.Lock()
	counts, sum := slices.Clone(h.counts), h.sum
	h.mu.Unlock()
	before := ""
	if labels != "" {
		before = labels + ","
	}
	var total uint64
	for i, count := range counts {
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = strconv.FormatFloat(h.bounds[i], 'g', -1, 64)
		}
		total += count
		x.sample(name+"_bucket", before+`le="`+bound+`"`, float64(total))
	}
	x.sample(name+"_sum", labels, sum)
	x.sample(name+"_count", labels, float64(total))
}
