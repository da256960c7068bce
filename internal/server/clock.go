package server

import "time"

// clock tells the time.
type clock interface {
	now() time.Time
	// ticks gives the time again and again until stopped.
	ticks(every time.Duration) (ticks <-chan time.Time, stop func())
}

// systemClock is the clock outside of tests.
type systemClock struct{}

func (systemClock) now() time.Time { return time.Now() }

func (systemClock) ticks(every time.Duration) (ticks <-chan time.Time, stop func()) {
	ticker := time.NewTicker(every)
	return ticker.C, ticker.Stop
}
