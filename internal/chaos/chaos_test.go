package chaos

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The environment of a run.
const (
	seedsVariable      = "CHAOS_SEEDS"      // how many seeds to run, from the first on
	firstVariable      = "CHAOS_FIRST_SEED" // to run a seed again
	operationsVariable = "CHAOS_OPERATIONS" // calls for each seed
)

// episodeOperations bounds an episode, so that its journal can be read back as a whole.
const episodeOperations = 2000

// totals are the figures of a run.
type totals struct {
	mu                                             sync.Mutex
	operations, commits, kills, episodes, connects int64
	codes                                          map[string]int
	hits                                           [faultCount]int64
}

func (total *totals) add(e *episode) {
	total.mu.Lock()
	defer total.mu.Unlock()
	total.episodes++
	total.operations += int64(len(e.history.calls))
	total.commits += int64(len(e.platform.ledger.commits))
	total.kills += e.kills.Load()
	total.connects += e.platform.accepted.Load()
	for code, n := range e.history.codes {
		total.codes[code] += n
	}
	for i := range e.platform.hits {
		total.hits[i] += e.platform.hits[i].Load()
	}
}

func (total *totals) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d operations, %d episodes, %d commits, %d kills, faults %v;", total.operations, total.episodes, total.commits,
		total.kills, total.hits)
	for _, code := range slices.Sorted(maps.Keys(total.codes)) {
		fmt.Fprintf(&text, " %s %d", code, total.codes[code])
	}
	return text.String()
}

func setting(t testing.TB, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 {
		t.Fatalf("set %s: %q is no number", variable, text)
	}
	return value
}

// TestMoneyIsSafeWhateverBreaks makes calls while everything breaks, and then compares what everybody says of them.
func TestMoneyIsSafeWhateverBreaks(t *testing.T) {
	t.Parallel()
	seeds, first, operations := setting(t, seedsVariable, 3), setting(t, firstVariable, 1), setting(t, operationsVariable, 300)
	total := &totals{codes: map[string]int{}}
	started := time.Now()
	t.Cleanup(func() { t.Logf("%d seeds in %s: %s", seeds, time.Since(started).Round(time.Millisecond), total) })
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			left := operations
			for part := uint64(0); left > 0; part++ {
				runEpisode(t, hash(uint64(seed), part)>>16*12+uint64(seed)%12, min(left, episodeOperations), total)
				left -= episodeOperations
			}
		})
	}
}

// reported bounds the violations that are told of an episode.
const reported = 20

// runEpisode fails the test for every invariant that does not hold.
func runEpisode(t *testing.T, seed uint64, operations int, total *totals) {
	t.Helper()
	e := newEpisode(t, seed, operations)
	e.run()
	if cause := e.failed.Load(); cause != nil {
		t.Fatal(*cause)
	}
	found, err := e.judge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total.add(e)
	for i, broken := range found {
		if i == reported {
			t.Fatalf("and %d more", len(found)-i)
		}
		t.Errorf("%v", broken)
	}
}
