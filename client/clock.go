package client

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// maxClockSkew is how far the platform's clock may be from this machine's before that is worth a warning.
const maxClockSkew = 4 * time.Minute

// clockBounds say between which two durations the platform's clock is ahead of this machine's.
type clockBounds struct{ least, most time.Duration }

// platformClock learns from the Date headers of answers how far the platform's clock is ahead. A Date is cut to the
// second and an answer takes time, so that each answer gives bounds; several narrow them.
type platformClock struct {
	mu       sync.Mutex
	bounds   clockBounds
	known    bool
	reported bool
	// heard is the Date of the last answer, and date what it says: that of the next is mostly the same.
	heard string
	date  time.Time
}

// observe takes the headers of an answer to a request that was sent and answered at these times.
func (p *platformClock) observe(sent, received time.Time, header http.Header) {
	if header.Get("Age") != "" {
		return // a cache repeats the Date of an answer that it keeps
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	date, ok := p.parse(header.Get("Date"))
	if !ok {
		return
	}
	fresh := clockBounds{least: date.Sub(received), most: date.Add(time.Second).Sub(sent)}
	narrowed := clockBounds{least: max(p.bounds.least, fresh.least), most: min(p.bounds.most, fresh.most)}
	if !p.known || narrowed.least > narrowed.most {
		narrowed = fresh // the first answer, or one of the clocks was set
	}
	p.bounds, p.known = narrowed, true
}

// parse reads a Date. The caller holds the lock.
func (p *platformClock) parse(header string) (date time.Time, ok bool) {
	if header != p.heard || header == "" {
		parsed, err := http.ParseTime(header)
		if err != nil {
			return time.Time{}, false
		}
		p.heard, p.date = header, parsed
	}
	return p.date, true
}

func (p *platformClock) read() (clockBounds, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bounds, p.known
}

// takeReport reports whether the clocks are too far apart for the first time.
func (p *platformClock) takeReport() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reported || !p.known || (p.bounds.least <= maxClockSkew && p.bounds.most >= -maxClockSkew) {
		return false
	}
	p.reported = true
	return true
}

// ClockSkew returns how far the platform's clock is ahead of this machine's, negative when it is behind, to about a
// second. It is known once an answer has come; [Client.Health] brings one. Nothing of the client depends on the two
// clocks agreeing: times to wait are measured on the platform's clock, and whether a token has expired is for the
// platform to say. A skew of more than 4 minutes is logged once, as a warning, since other software may mind it.
func (c *Client) ClockSkew() (skew time.Duration, known bool) {
	bounds, known := c.upstream.clock.read()
	return (bounds.least + bounds.most).Round(2*time.Second) / 2, known
}

func (c *Client) reportClockSkew(ctx context.Context) {
	if c.upstream.clock.takeReport() {
		skew, _ := c.ClockSkew()
		c.settings.logger.LogAttrs(ctx, slog.LevelWarn, "the platform's clock and this machine's differ", slog.Duration("skew", skew))
	}
}

// timeRelation says how a time that the platform wrote down relates to one of this machine.
type timeRelation int

const (
	timeUnclear timeRelation = iota
	timeBefore
	timeSince
)

// relate compares a time stamp of the platform with an earlier moment of this machine, seen from now. Clocks that agree
// as far as can be told are taken to agree. A stamp from the future tells nothing, and one of whole seconds is as
// exact as that.
func (b clockBounds) relate(stamp, moment, now time.Time) timeRelation {
	latest := now.Add(b.most)
	if b.least <= 0 && b.most >= 0 {
		b = clockBounds{}
	}
	const precision = time.Millisecond
	slack := time.Duration(0)
	if stamp.Nanosecond() == 0 {
		slack = time.Second
	}
	switch {
	case stamp.Before(moment.Add(b.least).Truncate(precision).Add(-slack)):
		return timeBefore
	case stamp.Before(moment.Add(b.most).Truncate(precision).Add(slack)), stamp.After(latest):
		return timeUnclear
	default:
		return timeSince
	}
}
