package cli

import (
	"log/slog"
	"sync"
)

// afterStart is what is put off until the first answer is written: a client waits for that.
type afterStart struct {
	work []func()
	done sync.Once
}

// add puts work off that nobody has to wait for. It must not be called once requests are served.
func (a *afterStart) add(work func()) { a.work = append(a.work, work) }

// answered is told of each answer that is written.
func (a *afterStart) answered() {
	a.done.Do(func() {
		for _, work := range a.work {
			go work()
		}
	})
}

// releasePages gives back what the start needed of the program.
func (r *session) releasePages() {
	if err := giveBackPages(); err != nil {
		r.logger.Debug("the program keeps all its pages", slog.Any("error", err))
	}
}
