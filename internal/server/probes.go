package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	// readyTimeout bounds one round of checks.
	readyTimeout = 5 * time.Second
	// readyFor is how long what was found out counts: probes come often and from several sides.
	readyFor = 3 * time.Second
)

// What /readyz says of the server and of each check. Why one failed is in the log.
const (
	statusOK          = "ok"
	statusFailed      = "failed"
	statusUnavailable = "unavailable"
)

// Check tells whether something that calls need is there.
type Check struct {
	// Name is shown to whoever probes.
	Name string
	// Run gives the reason where it is not.
	Run func(context.Context) error
}

// readiness is the body of an answer of /readyz.
type readiness struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

// probes answer the questions of supervisors.
type probes struct {
	checks  []Check
	closing context.Context // the life of the handler, not of a request
	clock   clock
	logger  *slog.Logger

	// mu lets one prober find out for all that come meanwhile.
	mu    sync.Mutex
	asked time.Time
	found readiness
}

// health says that the process answers, whatever else is the case.
func (p *probes) health(w http.ResponseWriter, r *http.Request) {
	if allowMethods(w, r, http.MethodGet, http.MethodHead) {
		writeJSON(w, http.StatusOK, []byte(`{"status":"ok"}`))
	}
}

// readiness says whether calls can succeed, and which check says that they cannot.
func (p *probes) readiness(w http.ResponseWriter, r *http.Request) {
	if !allowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	found, status := p.ask(r.Context()), http.StatusOK
	if found.Status != statusOK {
		status = http.StatusServiceUnavailable
	}
	encoded, err := json.Marshal(found)
	if err != nil {
		encoded = []byte(`{"status":"unavailable"}`)
	}
	writeJSON(w, status, encoded)
}

// ask gives what was found out a moment ago, or finds out.
func (p *probes) ask(ctx context.Context) readiness {
	if p.closing.Err() != nil {
		return readiness{Status: statusUnavailable, Checks: map[string]string{"server": "ending"}}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.clock.now(); p.asked.IsZero() || now.Sub(p.asked) >= readyFor || now.Before(p.asked) {
		p.found = p.check(ctx)
		p.asked = p.clock.now()
	}
	return p.found
}

// check runs every check at once. A prober that leaves does not end them, since others wait.
func (p *probes) check(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	reasons := make([]error, len(p.checks))
	var running sync.WaitGroup
	for i, check := range p.checks {
		running.Go(func() { reasons[i] = check.Run(ctx) })
	}
	running.Wait()
	found := readiness{Status: statusOK, Checks: map[string]string{}}
	for i, check := range p.checks {
		found.Checks[check.Name] = statusOK
		if reasons[i] != nil {
			found.Status, found.Checks[check.Name] = statusUnavailable, statusFailed
			p.logger.WarnContext(ctx, "not ready", slog.String("check", check.Name), slog.Any("error", reasons[i]))
		}
	}
	return found
}
