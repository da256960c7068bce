package sandbox

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Fault is what goes wrong on some routes, for testing how others bear it.
type Fault struct {
	// Method and Path choose requests: a method or *, and a path that may end in *.
	Method, Path string
	// Every lets each n-th request fail, 1 all of them. Percent, if it is set, lets so many of a hundred fail instead,
	// evenly spread.
	Every, Percent int64
	// Status answers with an HTTP status; RetryAfter is told with it.
	Status     int
	RetryAfter int
	// Delay waits before anything else happens.
	Delay time.Duration
	// Reset breaks the connection: before the request took effect, or, with After, once it has.
	Reset, After bool
	// Truncate sends half of the answer.
	Truncate bool
}

// ParseFault reads a fault such as "POST /api/payments/* every=3 reset after": a method, a path, and what happens. The
// words are every=N, percent=N, status=N, retry-after=SECONDS, delay=DURATION, reset, truncate and after.
func ParseFault(text string) (Fault, error) {
	words := strings.Fields(text)
	if len(words) < 3 || !strings.HasPrefix(words[1], "/") {
		return Fault{}, fmt.Errorf("fault %q must look like: POST /api/payments/* every=3 status=503", text)
	}
	fault := Fault{Method: strings.ToUpper(words[0]), Path: words[1], Every: 1}
	for _, word := range words[2:] {
		if err := fault.set(word); err != nil {
			return Fault{}, fmt.Errorf("fault %q: %w", text, err)
		}
	}
	return fault, nil
}

func (f *Fault) set(word string) error {
	name, value, _ := strings.Cut(word, "=")
	number, numberErr := strconv.Atoi(value)
	switch name {
	case "every":
		f.Every = int64(number)
	case "percent":
		f.Percent = int64(number)
	case "status":
		f.Status = number
	case "retry-after":
		f.RetryAfter = number
	case "delay":
		delay, err := time.ParseDuration(value)
		if err != nil || delay < 0 || delay > time.Hour {
			return fmt.Errorf("%s is not a duration such as 200ms", word)
		}
		f.Delay, numberErr = delay, nil
	case "reset", "truncate", "after":
		f.Reset, f.Truncate, f.After = f.Reset || name == "reset", f.Truncate || name == "truncate", f.After || name == "after"
		numberErr = nil
	default:
		return fmt.Errorf("%s is none of every, percent, status, retry-after, delay, reset, truncate, after", name)
	}
	if numberErr != nil || number < 0 || (name == "status" && (number < 300 || number > 599)) || (name == "percent" && (number < 1 || number > 100)) ||
		(name == "every" && number < 1) {
		return fmt.Errorf("%s is out of bounds", word)
	}
	return nil
}

func (f *Fault) concerns(r *http.Request) bool {
	if f.Method != "*" && f.Method != r.Method {
		return false
	}
	prefix, open := strings.CutSuffix(f.Path, "*")
	return r.URL.Path == f.Path || (open && strings.HasPrefix(r.URL.Path, prefix))
}

// due reports whether the n-th request fails, counted from 1.
func (f *Fault) due(n int64) bool {
	if f.Percent > 0 {
		return n*f.Percent/100 != (n-1)*f.Percent/100
	}
	return n%max(f.Every, 1) == 0
}

// faulty puts the faults before a handler. The first that concerns a request and is due decides.
func faulty(faults []Fault, next http.Handler) http.Handler {
	if len(faults) == 0 {
		return next
	}
	counts := make([]atomic.Int64, len(faults))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := range faults {
			if faults[i].concerns(r) && faults[i].due(counts[i].Add(1)) {
				faults[i].happen(w, r, next)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (f *Fault) happen(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if f.Delay > 0 {
		wait := time.NewTimer(f.Delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			return
		}
	}
	if !f.Truncate && !f.Reset && f.Status == 0 {
		next.ServeHTTP(w, r)
		return
	}
	replaced := f.Reset || f.Status != 0
	kept := &keptAnswer{header: http.Header{}, status: http.StatusOK, dropped: replaced}
	if f.After || !replaced {
		next.ServeHTTP(kept, r)
	}
	switch {
	case f.Reset:
		reset(w)
	case f.Status != 0:
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		}
		writeJSON(w, f.Status, []byte(`{"error":"injected fault","message":"injected fault","code":"injected_fault"}`))
	default:
		kept.send(w, len(kept.body)/2)
		panic(http.ErrAbortHandler) // the connection ends before the announced length
	}
}

// reset breaks the connection without a word.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset rather than an end
	}
	_ = connection.Close()
}

// keptAnswer holds an answer back.
type keptAnswer struct {
	header http.Header
	status int
	body   []byte
	// dropped is set when another answer is given in its place.
	dropped bool
}

func (k *keptAnswer) Header() http.Header    { return k.header }
func (k *keptAnswer) WriteHeader(status int) { k.status = status }
func (k *keptAnswer) Write(p []byte) (int, error) {
	if !k.dropped {
		k.body = append(k.body, p...)
	}
	return len(p), nil
}

// send passes the first bytes of the answer on, under the length of the whole.
func (k *keptAnswer) send(w http.ResponseWriter, n int) {
	maps.Copy(w.Header(), k.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(k.body)))
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body[:n]) // a client that has left needs no answer
}
