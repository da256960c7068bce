package cli

import (
	"runtime"
	"sync"
	"time"
)

// aloneTime is how long no two requests may meet until one processor is enough again.
const aloneTime = 5 * time.Second

// processors lets Go run on one processor as long as requests come one after another, as those of a single user do. With
// more, each step of a request that has another goroutine go on also wakes a thread, which looks for work in vain: a third
// of the processor's time of a small call. As soon as two requests meet, Go has all that it may use.
type processors struct {
	mu       sync.Mutex
	requests int
	all      bool
	met      bool // two requests have met since the last look
	// restrict and release change how many Go uses: they stop it for some microseconds.
	restrict, release func()
	look              *time.Timer
}

// saveProcessors gives what has to be told how many requests are being worked on. GOMAXPROCS decides instead where the user
// has set it.
func saveProcessors(environment func(string) (string, bool)) (working func(requests int)) {
	if _, set := environment("GOMAXPROCS"); set {
		return nil
	}
	p := &processors{restrict: func() { runtime.GOMAXPROCS(1) }, release: runtime.SetDefaultGOMAXPROCS}
	p.restrict()
	return p.working
}

// working is told of each change in the number of requests.
func (p *processors) working(requests int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.requests = requests; requests < 2 {
		return
	}
	if p.met = true; p.all {
		return
	}
	p.all = true
	p.release()
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
	p.restrict()
}
