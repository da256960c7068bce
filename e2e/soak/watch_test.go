package soak

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	// flat is how much more the server may hold at the end, and flatShort for runs that end before its memory has
	// settled, in which the collector of garbage decides.
	flat, flatShort = 1.10, 1.40
	// settled is the minute that the end is compared with.
	settled = 5
	// slack is how many file descriptors and goroutines may come and go with the calls that happen to run.
	slack = 40
)

// watch looks at a server once a second.
type watch struct {
	server  *process
	samples []sample
}

// sample is what a server holds: MiB of memory, file descriptors and goroutines. The last are -1 where it does not tell.
type sample struct{ memory, files, goroutines float64 }

func (s sample) shownGoroutines() string {
	if s.goroutines < 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", s.goroutines)
}

func newWatch(s *process) *watch { return &watch{server: s} }

// sample looks once.
func (w *watch) sample(t *testing.T) {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d/", w.server.command.Process.Pid)
	status, err := os.ReadFile(folder + "status")
	if err != nil {
		t.Fatalf("the server is gone: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	size, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(folder + "fd")
	if err != nil {
		t.Fatal(err)
	}
	w.samples = append(w.samples, sample{memory: size / 1024, files: float64(len(files)), goroutines: w.goroutines(t)})
}

var profileTotal = regexp.MustCompile(`goroutine profile: total (\d+)`)

// goroutines asks the server how many it runs, if it has an address for that.
func (w *watch) goroutines(t *testing.T) float64 {
	t.Helper()
	if w.server.profiles == "" {
		return -1
	}
	response, err := http.Get("http://" + w.server.profiles + "/debug/pprof/goroutine?debug=1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	match := profileTotal.FindSubmatch(text)
	if match == nil {
		t.Fatalf("no profile: %s", text)
	}
	total, err := strconv.ParseFloat(string(match[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// last gives the mean of the last seconds.
func (w *watch) last(seconds int) sample { return mean(w.samples[max(len(w.samples)-seconds, 0):]) }

func mean(samples []sample) (m sample) {
	for _, s := range samples {
		m.memory += s.memory / float64(len(samples))
		m.files += s.files / float64(len(samples))
		m.goroutines += s.goroutines / float64(len(samples))
	}
	return m
}

// check compares the end with minute five, or, in a short run, with the end of its first third.
func (w *watch) check(t *testing.T, minutes int) {
	t.Helper()
	before, limit := mean(w.samples[len(w.samples)/6:len(w.samples)/3]), flatShort
	after := w.last(len(w.samples) / 6)
	if minutes > settled {
		before, limit = mean(w.samples[(settled-1)*60:settled*60]), flat
		after = w.last(60)
	}
	fmt.Printf("memory %.1f MiB, then %.1f MiB (%+.1f %%); file descriptors %.0f, then %.0f; goroutines %s, then %s\n", before.memory, after.memory,
		100*(after.memory/before.memory-1), before.files, after.files, before.shownGoroutines(), after.shownGoroutines())
	if after.memory > limit*before.memory {
		t.Errorf("memory grows by more than %.0f %%", 100*(limit-1))
	}
	if after.files > before.files+slack || after.goroutines > before.goroutines+slack {
		t.Error("file descriptors or goroutines pile up")
	}
}
