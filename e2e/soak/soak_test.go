package soak

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// minutesVariable says for how long the server is kept under load.
const minutesVariable = "SOAK_MINUTES"

func TestMain(m *testing.M) {
	if os.Getenv(minutesVariable) == "" {
		fmt.Println("this test takes half an hour: run it with make soak")
		return
	}
	os.Exit(m.Run())
}

// TestSoak calls tools at a fixed rate, whether or not the server keeps up, and prints a line a minute.
func TestSoak(t *testing.T) {
	minutes, err := strconv.Atoi(os.Getenv(minutesVariable))
	if err != nil || minutes < 1 {
		t.Fatalf("%s=%q: it must be a number of minutes", minutesVariable, os.Getenv(minutesVariable))
	}
	platform := startPlatform(t)
	s := startServer(t, platform)
	load := startLoad(t, s.address)
	watch := newWatch(s)
	fmt.Println("minute  calls  failed  p50      p99      longest   RSS       fds  goroutines  sessions opened")
	began := time.Now()
	for minute := range minutes {
		for second := range 60 {
			time.Sleep(time.Until(began.Add(time.Duration(minute*60+second+1) * time.Second)))
			watch.sample(t)
		}
		c := load.count()
		last := watch.last(60)
		fmt.Printf("%6d  %5d  %6d  %-7s  %-7s  %-8s  %5.1f MiB  %3.0f  %10s  %d\n", minute+1, c.calls, c.failed,
			shown(c.at(50)), shown(c.at(99)), shown(c.at(100)), last.memory, last.files, last.shownGoroutines(), c.opened)
	}
	total := load.stop()
	if wanted := minutes * 60 * rate; total.calls < wanted*99/100 {
		t.Errorf("%d calls were made of %d", total.calls, wanted)
	}
	if total.failed > 0 {
		t.Errorf("%d of %d calls failed, such as: %s", total.failed, total.calls, total.example)
	}
	watch.check(t, minutes)
}

func shown(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }
