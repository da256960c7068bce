package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		value string
		want  time.Duration
		told  bool
	}{
		{"2", 2 * time.Second, true},
		{"0", 0, true},
		{"86400", maxRetryAfter, true},
		{"99999999999999999999", maxRetryAfter, true},
		{date.Add(7 * time.Second).Format(http.TimeFormat), 7 * time.Second, true},
		{date.Add(-time.Hour).Format(http.TimeFormat), 0, true},
		{"-1", 0, false},
		{"soon", 0, false},
		{"", 0, false},
	}
	for _, test := range tests {
		// The answer's own Date is far from this machine's clock, and that must not matter.
		header := http.Header{"Retry-After": {test.value}, "Date": {date.Format(http.TimeFormat)}}
		if got, told := retryAfter(header); got != test.want || told != test.told {
			t.Errorf("retryAfter(%q) = %v, %t", test.value, got, told)
		}
	}
}

// roundTripFunc is a transport made of a function.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func jsonResponse(r *http.Request, status int, body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: status, Header: header, Request: r, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// TestRetryWaitsAsTold runs on a fake clock: the second attempt comes no sooner than the platform asked.
func TestRetryWaitsAsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			if len(at) == 1 {
				return jsonResponse(r, http.StatusTooManyRequests, `{"error":"slow"}`, http.Header{"Retry-After": {"2"}}), nil
			}
			return jsonResponse(r, http.StatusOK, `{"agents":[]}`, nil), nil
		})))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Agents.List(t.Context(), AgentListOptions{}); err != nil {
			t.Fatal(err)
		}
		if len(at) != 2 || at[1].Sub(at[0]) < 2*time.Second {
			t.Errorf("attempts at %v", at)
		}
	})
}

// TestBackoffIsBoundedByTheDeadline never lets retries outlast the call's deadline.
func TestBackoffIsBoundedByTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithMaxRetries(10), WithTransport(
			roundTripFunc(func(*http.Request) (*http.Response, error) {
				attempts++
				return nil, io.ErrUnexpectedEOF
			})))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		if _, err := c.Agents.List(ctx, AgentListOptions{}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("error = %v", err)
		}
		if took := time.Since(started); took > time.Second || attempts < 2 {
			t.Errorf("%d attempts in %v", attempts, took)
		}
	})
}

// TestRetryBudget shows that a platform that always fails sees few retries.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			attempts++
			return jsonResponse(r, http.StatusBadGateway, `{}`, nil), nil
		})))
		if err != nil {
			t.Fatal(err)
		}
		const n = 200
		for range n {
			time.Sleep(breakerWindow) // it is not the breaker that keeps requests back here
			if _, err := c.Agents.List(t.Context(), AgentListOptions{}); !errors.Is(err, ErrUpstream) {
				t.Fatalf("error = %v", err)
			}
		}
		if attempts > n*11/10 {
			t.Errorf("%d attempts for %d calls", attempts, n)
		}
	})
}

// TestClassDecidesWhatIsSentAgain walks the operation table.
func TestClassDecidesWhatIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, class := range []Class{Read, Update, Create, Delete, Secret, Money} {
		sent := &exchange{operation: &operation{Operation: Operation{Class: class}}}
		tests := []struct {
			name   string
			status int
			err    error
			told   bool
			want   bool
		}{
			{"lost after sending", 0, io.ErrUnexpectedEOF, false, class == Read},
			{"500", 500, nil, false, class == Read},
			{"503 with a time", 503, nil, true, class == Read || class == Update || class == Delete},
			{"429", 429, nil, false, class != Secret && class != Money},
			{"400", 400, nil, false, false},
			{"canceled", 0, context.Canceled, false, false},
		}
		for _, test := range tests {
			sent.status = test.status
			if got := retryable(sent, test.err, test.told); got != test.want {
				t.Errorf("%s, %s: %t, want %t", class, test.name, got, test.want)
			}
		}
		sent.unsent, sent.status = true, 0
		if got := retryable(sent, &net.OpError{Op: "dial", Err: errors.New("refused")}, false); got != (class != Secret) {
			t.Errorf("%s, never sent: %t", class, got)
		}
		for _, permanent := range []error{context.Canceled, &net.DNSError{IsNotFound: true}} {
			if retryable(sent, permanent, false) {
				t.Errorf("%s is sent again after %v", class, permanent)
			}
		}
	}
}

// TestOnlyProofSaysThatNothingWasSent holds a claim that callers repeat payments on.
func TestOnlyProofSaysThatNothingWasSent(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: errors.New("refused")}
	for name, test := range map[string]struct {
		traced, asked, got bool
		err                error
		want               bool
	}{
		"canceled, untraced":                  {false, false, false, context.Canceled, false},
		"canceled, somebody else's transport": {false, true, false, context.Canceled, false},
		"canceled ahead of everything":        {true, false, false, context.Canceled, false},
		"canceled while connecting":           {true, true, false, context.Canceled, true},
		"canceled with a connection":          {true, true, true, context.Canceled, false},
		"timed out while connecting":          {true, true, false, context.DeadlineExceeded, true},
		"lost, untraced":                      {false, false, false, io.ErrUnexpectedEOF, false},
		"lost":                                {true, true, true, io.ErrUnexpectedEOF, false},
		"refused":                             {false, false, false, refused, true},
		"refused after a connection":          {true, true, true, refused, false},
		"the other side's alert, untraced":    {false, false, false, &net.OpError{Op: "remote error", Err: errors.New("alert")}, false},
		"no such host":                        {false, false, false, &net.DNSError{IsNotFound: true}, true},
		"an unsure name server":               {false, false, false, &net.DNSError{IsTemporary: true}, false},
		"too large":                           {false, false, false, errResponseTooLarge, false},
	} {
		way := &connecting{traced: test.traced}
		way.asked.Store(test.asked)
		way.got.Store(test.got)
		if got := way.neverSent(test.err); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
