package server

import (
	"container/list"
	"time"
)

// recall remembers values for a while: at most maxLimited of them, those put last. Its user locks.
type recall[V any] struct {
	lasting time.Duration
	entries map[string]*list.Element
	recent  *list.List // of recalled[V], those put last in front
}

type recalled[V any] struct {
	name  string
	value V
	put   time.Time
}

func newRecall[V any](lasting time.Duration) *recall[V] {
	return &recall[V]{lasting: lasting, entries: map[string]*list.Element{}, recent: list.New()}
}

func (r *recall[V]) get(name string, now time.Time) (value V, ok bool) {
	element, ok := r.entries[name]
	if !ok {
		return value, false
	}
	found, _ := element.Value.(recalled[V])
	if r.over(found, now) {
		r.drop(name)
		return value, false
	}
	return found.value, true
}

func (r *recall[V]) put(name string, value V, now time.Time) {
	r.drop(name)
	for last := r.recent.Back(); last != nil; last = r.recent.Back() {
		found, _ := last.Value.(recalled[V])
		if !r.over(found, now) && r.recent.Len() < maxLimited {
			break
		}
		r.drop(found.name)
	}
	r.entries[name] = r.recent.PushFront(recalled[V]{name, value, now})
}

func (r *recall[V]) drop(name string) {
	if element, ok := r.entries[name]; ok {
		r.recent.Remove(element)
		delete(r.entries, name)
	}
}

// over reports whether a value is no longer remembered. A clock that was set back remembers nothing for longer.
func (r *recall[V]) over(found recalled[V], now time.Time) bool {
	return now.Sub(found.put) >= r.lasting || now.Before(found.put)
}
