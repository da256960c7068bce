package client_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
)

// flapping is a platform that fails half of the requests, and counts those for an operation's own routes.
type flapping struct {
	operation *client.Operation
	random    *rand.Rand
	requests  int
	answered  int
}

func (f *flapping) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	if slices.ContainsFunc(f.operation.Routes, func(to client.Route) bool {
		return r.Method == to.Method && pattern(to.Path).MatchString(r.URL.Path)
	}) {
		f.requests++
	}
	status := http.StatusOK
	switch chance := f.random.Float64(); {
	case chance < 0.1:
		status = http.StatusServiceUnavailable
	case chance < 0.2:
		status = http.StatusBadGateway
	case chance < 0.3:
		status = http.StatusTooManyRequests
	case chance < 0.5:
		return nil, io.ErrUnexpectedEOF
	default:
		f.answered++
	}
	return &http.Response{
		StatusCode: status, Request: r, ContentLength: 2, Body: io.NopCloser(strings.NewReader("{}")),
		Header: http.Header{"Content-Type": {jsonType}},
	}, nil
}

// TestNoOperationAmplifiesAFlappingPlatform calls every operation that reads, moves money or mints a secret while half of
// the requests fail: reads are amplified by at most a tenth, the others not at all.
func TestNoOperationAmplifiesAFlappingPlatform(t *testing.T) {
	t.Parallel()
	const calls = 400
	invocations := invocations()
	for method, class := range classes() {
		if class != client.Read && class != client.Money && class != client.Secret {
			continue
		}
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			all := client.Operations()
			i := slices.IndexFunc(all, func(o client.Operation) bool { return o.Method == method })
			if i < 0 {
				t.Fatal("it is no operation")
			}
			platform := &flapping{operation: &all[i], random: rand.New(rand.NewPCG(1, uint64(i)))}
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, "https://robutler.test", client.WithTransport(platform), client.WithMaxRetries(client.DefaultMaxRetries))
				for range calls {
					_ = invocations[method](t.Context(), c) // what it gives is not asked here
					time.Sleep(30 * time.Second)            // it is not the breaker that keeps requests back here
				}
			})
			most := calls
			if class == client.Read {
				most += calls / 10
			}
			if platform.requests > most {
				t.Errorf("%d requests for %d calls", platform.requests, calls)
			}
			if platform.requests < calls/2 || platform.answered < calls/4 {
				t.Errorf("%d requests, %d answered: that shows nothing", platform.requests, platform.answered)
			}
			if class == client.Read && platform.requests <= calls*9/10 {
				t.Errorf("%d requests for %d calls: reads are not repeated", platform.requests, calls)
			}
		})
	}
}
