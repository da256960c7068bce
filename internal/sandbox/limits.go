package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// rateLimits are how often a minute a caller may use some routes, as the platform documents it.
func rateLimits() map[string]int {
	return map[string]int{
		"POST /api/discovery": 60, "POST /api/intents/create": 30, "POST /api/intents/publish": 30,
		"POST /api/intents/subscribe": 10, "POST /api/discovery/subscribe": 10,
	}
}

// limiter counts the calls of each caller in the running minute.
type limiter struct {
	now func() time.Time

	mu     sync.Mutex
	minute int64
	counts map[string]int
}

// exceeded counts a request and gives the seconds to wait when it is one too many.
func (l *limiter) exceeded(r *http.Request) (wait int, exceeded bool) {
	route := r.Method + " " + strings.TrimSuffix(r.URL.Path, "/")
	most, limited := rateLimits()[route]
	key, known := presentedKey(r)
	if !limited || !known {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if minute := now.Unix() / 60; minute != l.minute {
		l.minute, l.counts = minute, map[string]int{}
	}
	l.counts[route+" "+key]++
	if l.counts[route+" "+key] <= most {
		return 0, false
	}
	return int(60 - now.Unix()%60), true
}

// limited refuses what comes too often, with the time to come back.
func (p *Platform) limited(next http.Handler) http.Handler {
	counter := &limiter{now: p.now}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait, exceeded := counter.exceeded(r); exceeded {
			w.Header().Set("Retry-After", strconv.Itoa(wait))
			p.respondFailure(w, fail(http.StatusTooManyRequests, "rate_limited", "too many requests"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
