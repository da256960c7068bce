package client

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
)

// TestAFlappingPlatformIsNotHitHarder lets half of the requests fail for ten minutes: reads are amplified by at most a
// tenth, charges not at all.
func TestAFlappingPlatformIsNotHitHarder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		requests := map[string]int{}
		c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			requests[r.Method]++
			if r.Body != nil {
				_, _ = io.Copy(io.Discard, r.Body)
			}
			switch {
			case random.Float64() < 0.25:
				return jsonResponse(r, http.StatusServiceUnavailable, `{"error":"flapping"}`, nil), nil
			case random.Float64() < 0.33:
				return nil, io.ErrUnexpectedEOF
			case r.Method == http.MethodGet:
				return jsonResponse(r, http.StatusOK, `{"user":{"id":"1"}}`, nil), nil
			default:
				return jsonResponse(r, http.StatusOK, `{"success":true,"chargedDollars":0.1}`, nil), nil
			}
		})))
		if err != nil {
			t.Fatal(err)
		}
		const calls = 2000
		amount := decimal.RequireFromString("0.1")
		worst := time.Duration(0)
		for range calls {
			started := time.Now()
			_, _ = c.User.Get(t.Context())
			worst = max(worst, time.Since(started))
			if _, err := c.Tokens.Settle(t.Context(), SettleParams{LockID: "l", AmountCredits: &amount}); err != nil &&
				!errors.Is(err, ErrOutcomeUnknown) && !errors.Is(err, ErrUnavailable) {
				t.Fatalf("settle: %v", err)
			}
			time.Sleep(300 * time.Millisecond)
		}
		if reads := requests[http.MethodGet]; float64(reads) > 1.10*calls {
			t.Errorf("%d requests for %d reads", reads, calls)
		}
		// What never got a connection may be sent again; here nothing proves that, so that every charge is sent once at most.
		if charges := requests[http.MethodPost]; charges > calls {
			t.Errorf("%d requests for %d charges", charges, calls)
		}
		if worst > 45*time.Second {
			t.Errorf("a read took %v", worst)
		}
	})
}
