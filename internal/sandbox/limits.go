package sandbox

import (
	"sync"
	"time"
)

// rateLimits are how often a minute a user may use some routes, as the platform documents it.
func rateLimits() map[string]int {
	return map[string]int{
		"POST /api/discovery": 60, "POST /api/intents/create": 30, "POST /api/intents/publish": 30,
		"POST /api/intents/subscribe": 10, "POST /api/discovery/subscribe": 10,
	}
}

// limiter counts the calls of each user in the running minute.
type limiter struct {
	now func() time.Time

	mu     sync.Mutex
	minute int64
	counts map[string]int
}

// exceeded counts a user's call of a route and gives the seconds to wait when it is one too many. Keys do not count: of
// those a user makes as many as it likes.
func (l *limiter) exceeded(pattern, userID string) (wait int, exceeded bool) {
	most, limited := rateLimits()[pattern]
	if l == nil || !limited {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if minute := now.Unix() / 60; minute != l.minute {
		l.minute, l.counts = minute, map[string]int{}
	}
	l.counts[pattern+" "+userID]++
	if l.counts[pattern+" "+userID] <= most {
		return 0, false
	}
	return int(60 - now.Unix()%60), true
}
