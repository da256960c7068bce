package cli

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// aloneTime is how long no two requests may meet until one processor is enough again.
const aloneTime = 5 * time.Second

// processors lets Go run on one processor as long as requests come one after another, as those of a single user do. With
// more, each step of a request that has another goroutine go on also wakes a thread, which looks for work in vain: a quarter
// of the processor's time of a small call. As soon as two requests meet, Go has all that it may use.
type processors struct {
	// restrict and release change how many Go uses. They wait for the collection of garbage that is under way.
	restrict, release func()

	mu       sync.Mutex
	saving   bool
	requests int
	met      bool // two requests have met since the last look
	all      bool // they are wanted
	inUse    bool // all are
	changing bool
	look     *time.Timer
	// alone is set while one is used.
	alone atomic.Bool
}

// newProcessors gives nil where GOMAXPROCS is set: that decides then.
func newProcessors(environment func(string) (string, bool)) *processors {
	if _, set := environment("GOMAXPROCS"); set {
		return nil
	}
	return &processors{restrict: func() { runtime.GOMAXPROCS(1) }, release: runtime.SetDefaultGOMAXPROCS}
}

// single is set while one processor is used; nil where that never is.
func (p *processors) single() *atomic.Bool {
	if p == nil {
		return nil
	}
	return &p.alone
}

// save lets one processor do from now on, unless requests meet. Whatever is read from must not block in the kernel, which would
// keep the one from all others.
func (p *processors) save() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.saving, p.inUse = true, true
	if p.requests > 1 {
		p.meet()
	} else {
		p.change()
	}
}

// change has as many used as are wanted, by a goroutine, for which nobody waits. The caller holds the lock.
func (p *processors) change() {
	if p.changing {
		return
	}
	p.changing = true
	go func() {
		for p.changed() {
		}
	}()
}

// changed makes one change. It reports whether there was one to make.
func (p *processors) changed() bool {
	p.mu.Lock()
	all := p.all
	if p.changing = all != p.inUse; !p.changing {
		p.mu.Unlock()
		return false
	}
	p.mu.Unlock()
	if all {
		p.release()
	} else {
		p.restrict()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inUse = all
	p.alone.Store(!all && !p.all)
	return true
}

// working is told of each change in the number of requests.
func (p *processors) working(requests int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.requests = requests; requests > 1 && p.saving {
		p.meet()
	}
}

// meet has all used until requests have come one after another for a while. The caller holds the lock.
func (p *processors) meet() {
	if p.met = true; p.all {
		return
	}
	p.all = true
	p.alone.Store(false)
	p.change()
	p.look = time.AfterFunc(aloneTime, p.lookAgain)
}

// lookAgain restricts Go again if requests have come one after another for a while.
func (p *processors) lookAgain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.met || p.requests > 1 {
		p.met = false
		p.look.Reset(aloneTime)
		return
	}
	p.all = false
	p.change()
}
