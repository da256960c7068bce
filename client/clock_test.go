package client

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTheClocksMayDiffer sets the platform's clock an hour ahead and behind. Whether a token has expired is for the
// platform to say, a date to come back at is one of its clock, and the skew is told and logged once.
func TestTheClocksMayDiffer(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{0, 3 * time.Minute, time.Hour, -time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var logged bytes.Buffer
				limited := true
				p := roundTripFunc(func(r *http.Request) (*http.Response, error) {
					now := time.Now().Add(skew).UTC()
					header := http.Header{"Date": {now.Format(http.TimeFormat)}}
					switch {
					case strings.HasSuffix(r.URL.Path, "/payments/verify"):
						// By this machine's clock the token has long expired, or is not valid yet.
						return jsonResponse(r, http.StatusOK, `{"valid":true,"balance":"5","notBefore":"`+now.Add(-time.Second).Format(time.RFC3339)+
							`","expiresAt":"`+now.Add(time.Minute).Format(time.RFC3339)+`"}`, header), nil
					case limited:
						limited = false
						header.Set("Retry-After", now.Add(7*time.Second).Format(http.TimeFormat))
						return jsonResponse(r, http.StatusTooManyRequests, `{"error":"slow"}`, header), nil
					default:
						return jsonResponse(r, http.StatusOK, `{"agents":[]}`, header), nil
					}
				})
				c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(p),
					WithLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))))
				if err != nil {
					t.Fatal(err)
				}
				if _, known := c.ClockSkew(); known {
					t.Error("a skew is known before any answer")
				}
				started := time.Now()
				if err := read(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(started); waited != 7*time.Second {
					t.Errorf("waited %v", waited)
				}
				token, err := c.Tokens.Validate(t.Context(), "t")
				if err != nil || !token.Valid || !token.ExpiresAt.After(time.Now().Add(skew)) {
					t.Errorf("validate: %+v, %v", token, err)
				}
				if told, known := c.ClockSkew(); !known || (told-skew).Abs() > time.Second {
					t.Errorf("skew = %v, %t, want %v", told, known, skew)
				}
				if warnings, far := strings.Count(logged.String(), "level=WARN"), skew.Abs() > maxClockSkew; (far && warnings != 1) || (!far && warnings != 0) {
					t.Errorf("logged %q", logged.String())
				}
			})
		})
	}
}

func TestClockBoundsNarrow(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	clock := new(platformClock)
	observe := func(after time.Duration, ahead time.Duration, header ...string) {
		sent := start.Add(after)
		h := http.Header{"Date": {sent.Add(ahead).Format(http.TimeFormat)}}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		clock.observe(sent, sent.Add(10*time.Millisecond), h)
	}
	check := func(name string, least, most time.Duration) {
		t.Helper()
		if bounds, known := clock.read(); !known || bounds.least != least || bounds.most != most {
			t.Errorf("%s: %v, %t", name, bounds, known)
		}
	}
	observe(0, time.Hour, "Age", "30")
	observe(0, 0, "Date", "yesterday")
	if _, known := clock.read(); known {
		t.Error("a cached and a broken Date are believed")
	}
	observe(0, 300*time.Millisecond)
	check("the first answer", -10*time.Millisecond, time.Second)
	observe(800*time.Millisecond, 300*time.Millisecond)
	check("an answer of the next second", 190*time.Millisecond, time.Second)
	observe(650*time.Millisecond, 300*time.Millisecond)
	check("an answer of the end of a second", 190*time.Millisecond, 350*time.Millisecond)
	observe(0, time.Minute)
	check("after the clock was set", time.Minute-10*time.Millisecond, time.Minute+time.Second)
}

// TestWithoutADateNothingIsKnown has a platform that tells no time, so that a lost upload cannot be proven.
func TestWithoutADateNothingIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{name: "a", bytes: []byte("b")}
		c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithMaxRetries(0), WithTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			response, err := s.RoundTrip(r)
			if err == nil {
				response.Header.Del("Date")
			}
			return response, err
		})))
		if err != nil {
			t.Fatal(err)
		}
		if file, err := c.Content.Upload(t.Context(), BytesUpload("a", []byte("b"))); !errors.Is(err, ErrOutcomeUnknown) {
			t.Errorf("%+v, %v", file, err)
		}
		if _, known := c.ClockSkew(); known {
			t.Error("a skew is known")
		}
	})
}
