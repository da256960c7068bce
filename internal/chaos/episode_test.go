package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// folderVariable is where journals lie, if not in the folder for temporary files.
const folderVariable = "CHAOS_FOLDER"

// scratch makes a folder for the time of a test.
func scratch(t testing.TB) string {
	t.Helper()
	within := os.Getenv(folderVariable)
	if within == "" {
		return t.TempDir()
	}
	folder, err := os.MkdirTemp(within, "chaos-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// workers is how many calls are under way at once.
const workers = 8

// episode is one journal's life: two servers, one platform, some hundred calls.
type episode struct {
	seed     uint64
	settings settings
	platform *platform
	history  *history
	began    time.Time

	slots  [2]slot
	budget atomic.Int64
	minted atomic.Uint64
	kills  atomic.Int64
	// failed holds why the episode could not be run.
	failed atomic.Pointer[error]
}

// slot is a place for a server; after its end another one takes it.
type slot struct {
	mu      sync.Mutex
	current *server
	// live is the same for those that must not wait.
	live atomic.Pointer[server]
	// untidy says what ended servers did wrong.
	untidy []string
}

func newEpisode(t testing.TB, seed uint64, operations int) *episode {
	t.Helper()
	folder := scratch(t)
	e := &episode{
		seed: seed, platform: startPlatform(t, seed), began: time.Now(),
		history: &history{codes: map[string]int{}},
		settings: settings{
			journal: filepath.Join(folder, "journal.db"), home: folder, mode: "auto", perCall: "1", perDay: "100000", timeout: "2s",
		},
	}
	if seed%4 == 3 {
		e.settings.mode = "off"
	}
	if seed%3 == 2 { // a limit that is reached midway
		e.settings.perDay = fmt.Sprintf("%.3f", float64(operations)*0.00018)
	}
	e.budget.Store(int64(operations))
	t.Cleanup(func() {
		for at := range e.slots {
			if left := e.slots[at].live.Load(); left != nil {
				left.kill()
			}
		}
	})
	e.platform.kill = func(at int) {
		e.kills.Add(1)
		if s := e.slots[at].live.Load(); s != nil {
			s.kill()
		}
	}
	return e
}

// server gives the server of a slot, and starts one if need be.
func (e *episode) server(at int) *server {
	s := &e.slots[at]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && !s.current.isClosing() {
		return s.current
	}
	s.bury()
	started, err := startServer(e.platform.url(at), e.settings)
	if err != nil {
		e.failed.CompareAndSwap(nil, &err)
		return nil
	}
	s.current = started
	s.live.Store(started)
	return started
}

// bury waits for the end of a server and looks at what it left.
func (s *slot) bury() {
	if s.current == nil {
		return
	}
	<-s.current.ended
	if n := s.current.abandoned; n > 0 {
		s.untidy = append(s.untidy, fmt.Sprintf("%d requests were not answered after the end of the input", n))
	}
	if s.current.exit != nil && !s.current.wasKilled() {
		s.untidy = append(s.untidy, fmt.Sprintf("the server ended with %v: %s", s.current.exit, s.current.stderr.String()))
	}
	s.current = nil
}

// run lets the workers use up the budget, and then ends both servers as a client does.
func (e *episode) run() {
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() { newWorker(e, i).run() })
	}
	group.Wait()
	for at := range e.slots {
		s := &e.slots[at]
		s.mu.Lock()
		if s.current != nil {
			s.current.hangUp()
			s.bury()
		}
		s.mu.Unlock()
	}
}

// spend takes one call off the budget.
func (e *episode) spend() bool { return e.budget.Add(-1) >= 0 && e.failed.Load() == nil }

// baseUnits is what every effect moves, in billionths of a credit; the effect's number comes on top.
const baseUnits = 1_000_000

func (e *episode) mint(tool string) *effect {
	n := e.minted.Add(1)
	made := &effect{number: n, tool: tool, marker: fmt.Sprintf("m-%06d", n)}
	if tool != toolCreateKey {
		made.units = baseUnits + int64(n)
	}
	if tool == toolDelegate {
		made.recipient = agentID
	}
	e.history.mu.Lock()
	defer e.history.mu.Unlock()
	e.history.effects = append(e.history.effects, made)
	return made
}

func (s *server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

func (s *server) wasKilled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.killed
}
