package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
)

// patient is a platform on a fake clock that answers as it is told and counts what reaches it.
type patient struct {
	status  int
	err     error
	hold    chan struct{}
	reads   int
	writes  int
	healths int
}

func (p *patient) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case r.URL.Path == "/api/health":
		p.healths++
	case r.Method == http.MethodGet:
		p.reads++
	default:
		p.writes++
	}
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if p.err != nil {
		return nil, p.err
	}
	return jsonResponse(r, p.status, `{"agents":[],"success":true,"chargedDollars":0.1,"user":{"id":"1"}}`, nil), nil
}

func (p *patient) client(t *testing.T, options ...Option) *Client {
	t.Helper()
	c, err := New(append([]Option{WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(p), WithMaxRetries(0)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func read(ctx context.Context, c *Client) error {
	_, err := c.Agents.List(ctx, AgentListOptions{})
	return err
}

func settle(ctx context.Context, c *Client) error {
	amount := decimal.RequireFromString("0.1")
	_, err := c.Tokens.Settle(ctx, SettleParams{LockID: "l", AmountCredits: &amount})
	return err
}

// trip lets reads fail, and then the health route, so that the breaker opens.
func (p *patient) trip(t *testing.T, c *Client) {
	t.Helper()
	p.status = http.StatusBadGateway
	for range breakerFailures {
		if err := read(t.Context(), c); !errors.Is(err, ErrUpstream) {
			t.Fatalf("error = %v", err)
		}
	}
	checkRefused(t, "a read of a host that fails", read(t.Context(), c))
	if p.healths != 1 {
		t.Fatalf("%d questions of how the host is", p.healths)
	}
	p.healths = 0
}

func checkRefused(t *testing.T, name string, err error) {
	t.Helper()
	apiError, ok := errors.AsType[*APIError](err)
	if !ok || !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrOutcomeUnknown) || !apiError.NotSent {
		t.Errorf("%s: error = %v, want unavailable and not sent", name, err)
		return
	}
	if apiError.RetryAfter <= 0 || apiError.RetryAfter > breakerPause {
		t.Errorf("%s: told to wait %v", name, apiError.RetryAfter)
	}
}

func TestAFailingHostIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*patient){
		"502":             func(p *patient) { p.status = http.StatusBadGateway },
		"connection lost": func(p *patient) { p.err = io.ErrUnexpectedEOF },
		"no answer":       func(p *patient) { p.hold = make(chan struct{}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := new(patient)
				fail(p)
				c := p.client(t, WithTimeout(time.Second))
				for range breakerFailures {
					if err := read(t.Context(), c); err == nil {
						t.Fatal("no error")
					}
				}
				calls := map[string]error{"the read that asks how the host is": read(t.Context(), c)}
				started := time.Now()
				calls["read"], calls["money"] = read(t.Context(), c), settle(t.Context(), c)
				_, calls["create"] = c.Agents.Create(t.Context(), AgentCreateParams{Name: "a", Instructions: "b"})
				_, calls["update"] = c.Agents.Update(t.Context(), "a", AgentUpdateParams{Name: new("b")})
				_, calls["delete"] = c.Agents.Delete(t.Context(), "a")
				_, calls["secret"] = c.APIKeys.Create(t.Context(), "k")
				_, calls["upload"] = c.Content.Upload(t.Context(), BytesUpload("a", []byte("b")))
				for name, err := range calls {
					checkRefused(t, name, err)
				}
				if p.reads != breakerFailures || p.writes != 0 || p.healths != 1 || time.Since(started) != 0 {
					t.Errorf("%d reads, %d writes, %d probes in %v", p.reads, p.writes, p.healths, time.Since(started))
				}
			})
		})
	}
}

func TestWhatDoesNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone, leave := context.WithCancel(t.Context())
		leave()
		fail := func(p *patient, c *Client) { p.status = http.StatusBadGateway; _ = read(t.Context(), c) }
		for name, between := range map[string]func(*patient, *Client){
			"an answer below 500": func(p *patient, c *Client) { p.status = http.StatusNotFound; _ = read(t.Context(), c) },
			"half a minute":       func(*patient, *Client) { time.Sleep(breakerWindow) },
		} {
			p := new(patient)
			c := p.client(t)
			for range breakerFailures - 1 {
				fail(p, c)
			}
			between(p, c)
			fail(p, c)
			if p.status = http.StatusOK; read(t.Context(), c) != nil {
				t.Errorf("after %s the breaker is open", name)
			}
		}
		for name, attempt := range map[string]func(*patient, *Client){
			"canceled": func(_ *patient, c *Client) { _ = read(gone, c) },
			"impatient": func(p *patient, c *Client) {
				p.hold = make(chan struct{})
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				_ = read(ctx, c)
				p.hold = nil
			},
			"refused here": func(_ *patient, c *Client) { _, _ = c.Agents.Get(t.Context(), "..") },
			"unreadable file": func(_ *patient, c *Client) {
				params := BytesUpload("a", []byte("b"))
				params.Open = func() (io.ReadCloser, error) { return nil, errors.New("gone") }
				_, _ = c.Content.Upload(t.Context(), params)
			},
		} {
			p := &patient{status: http.StatusOK}
			c := p.client(t)
			for range 2 * breakerFailures {
				attempt(p, c)
			}
			if err := read(t.Context(), c); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestOneReadFindsOutWhetherTheHostIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(patient)
		c := p.client(t)
		p.trip(t, c)
		err, _ := errors.AsType[*APIError](read(t.Context(), c))
		time.Sleep(err.RetryAfter)
		p.reads, p.status, p.hold = 0, http.StatusOK, make(chan struct{})
		probed := make(chan error)
		go func() { probed <- read(t.Context(), c) }()
		synctest.Wait()
		checkRefused(t, "a read beside the probe", read(t.Context(), c))
		checkRefused(t, "a charge beside the probe", settle(t.Context(), c))
		if p.reads != 1 || p.writes != 0 || p.healths != 0 {
			t.Errorf("%d reads, %d writes, %d probes", p.reads, p.writes, p.healths)
		}
		close(p.hold)
		if err := <-probed; err != nil {
			t.Errorf("the probe: %v", err)
		}
		if err := errors.Join(read(t.Context(), c), settle(t.Context(), c)); err != nil {
			t.Errorf("after the probe: %v", err)
		}
	})
}

// TestAWriteIsNeverTheProbe has a caller that only writes: the client reads ahead of it, and a charge leaves only once
// the platform has answered that.
func TestAWriteIsNeverTheProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(patient)
		c := p.client(t)
		p.trip(t, c)
		time.Sleep(breakerPause)
		checkRefused(t, "while the platform fails", settle(t.Context(), c))
		checkRefused(t, "in the next pause", settle(t.Context(), c))
		if p.writes != 0 || p.healths != 1 {
			t.Errorf("%d writes, %d probes", p.writes, p.healths)
		}
		time.Sleep(breakerPause)
		p.status = http.StatusOK
		if err := settle(t.Context(), c); err != nil || p.writes != 1 || p.healths != 2 {
			t.Errorf("%d writes, %d probes, %v", p.writes, p.healths, err)
		}
	})
}

func TestTheBreakerIsTheHosts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := new(patient)
		c := p.client(t)
		p.trip(t, c)
		p.status = http.StatusOK
		for name, test := range map[string]struct {
			options []Option
			refused bool
		}{
			"another tenant":    {[]Option{WithAPIKey("other")}, true},
			"another spelling":  {[]Option{WithBaseURL("https://ROBUTLER.test/")}, true},
			"another host":      {[]Option{WithBaseURL("https://other.test")}, false},
			"other connections": {[]Option{WithTransport(&patient{status: http.StatusOK})}, false},
		} {
			clone, err := c.Clone(test.options...)
			if err != nil {
				t.Fatal(err)
			}
			if err := read(t.Context(), clone); (err != nil) != test.refused {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestAnOpenBreakerEndsRetries keeps the platform's own failure as the error, and does not wait for a retry that would
// be refused.
func TestAnOpenBreakerEndsRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &patient{status: http.StatusBadGateway}
		c := p.client(t, WithMaxRetries(3))
		for range 2 {
			if err := read(t.Context(), c); !errors.Is(err, ErrUpstream) {
				t.Errorf("error = %v", err)
			}
		}
		if p.reads != breakerFailures {
			t.Errorf("%d attempts", p.reads)
		}
	})
}
