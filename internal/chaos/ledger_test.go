package chaos

import (
	"fmt"
	"sync"
	"time"
)

// order is what a request asks the platform to do. Every effect has a marker of its own: its token, lock or key name.
type order struct {
	kind      string
	marker    string
	units     int64 // of a billionth of a credit
	recipient string
	key       string // the idempotency key
}

// effect names what is asked for: the same marker with another amount is another effect.
func (o order) effect() string { return fmt.Sprintf("%s %s %d", o.kind, o.marker, o.units) }

// ledger is the platform's truth: what was sent to it, and what it did. Nothing is ever taken back.
type ledger struct {
	mu      sync.Mutex
	commits []commit
	// sends counts by effect, and keySends by idempotency key, the requests that the platform did not plainly refuse. A
	// second delivery of one request by the network is no send.
	sends, keySends map[string]int
	byKey           map[string]order
}

type commit struct {
	order
	at time.Time
}

func newLedger() *ledger {
	return &ledger{sends: map[string]int{}, keySends: map[string]int{}, byKey: map[string]order{}}
}

func (l *ledger) sent(o order) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sends[o.effect()]++
	if o.key != "" {
		l.keySends[o.key]++
	}
}

// commit does what is asked, unless its idempotency key was used before: then the first result stands.
func (l *ledger) commit(o order) (replayed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.key != "" {
		if _, used := l.byKey[o.key]; used {
			return true
		}
		l.byKey[o.key] = o
	}
	l.commits = append(l.commits, commit{o, time.Now()})
	return false
}

// keys gives the API keys that were made.
func (l *ledger) keys() []map[string]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	made := []map[string]any{}
	for _, c := range l.commits {
		if c.kind == toolCreateKey {
			made = append(made, map[string]any{
				"id": "id-" + c.marker, "name": c.marker, "keyPrefix": "rok_", "isActive": true, "createdAt": c.at.UTC().Format(time.RFC3339Nano),
			})
		}
	}
	return made
}
