package telemetry

import (
	"context"
	"sync/atomic"
)

// state is a family whose values are read when it is read itself. Until it is told how, it has none.
type state struct {
	Family
	read atomic.Pointer[func(context.Context) map[string]float64]
}

func (s *state) about() Family { return s.Family }

func (s *state) write(ctx context.Context, x *exposition) {
	read := s.read.Load()
	if read == nil {
		return
	}
	byLabels := map[string]float64{}
	for label, value := range (*read)(ctx) {
		byLabels[renderLabels(s.Labels, []string{label})] = value
	}
	writeSorted(x, s.Family, byLabels, func(labels string, value float64) { x.sample(s.Name, labels, value) })
}

// Watch tells the metrics where to read the values that others hold.
type Watch struct {
	// Breaker gives the state of the circuit breaker: closed, open or half_open.
	Breaker func() string
	// Sessions gives the number of open sessions, and Streams that of open streams by transport.
	Sessions func() int
	Streams  func() map[string]int
	// Entries gives the number of calls in the journal by state; nil while there is no journal.
	Entries func(context.Context) map[string]int
}

// Watch begins to read what others hold.
func (m *Metrics) Watch(w Watch) {
	if w.Breaker != nil {
		m.watch(familyBreaker, func(context.Context) map[string]float64 {
			values := map[string]float64{"closed": 0, "open": 0, "half_open": 0}
			values[w.Breaker()] = 1
			return values
		})
	}
	if w.Sessions != nil {
		m.watch(familySessions, func(context.Context) map[string]float64 { return map[string]float64{"": float64(w.Sessions())} })
	}
	if w.Streams != nil {
		m.watch(familyStreams, func(context.Context) map[string]float64 { return floats(w.Streams()) })
	}
	if w.Entries != nil {
		m.watch(familyEntries, func(ctx context.Context) map[string]float64 { return floats(w.Entries(ctx)) })
	}
}

func (m *Metrics) watch(family string, read func(context.Context) map[string]float64) {
	m.states[family].read.Store(&read)
}

func floats(counts map[string]int) map[string]float64 {
	values := make(map[string]float64, len(counts))
	for label, count := range counts {
		values[label] = float64(count)
	}
	return values
}
