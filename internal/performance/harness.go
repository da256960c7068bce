package main

import (
	"fmt"
	"slices"
	"time"
)

// results are what the harness measured, as its README has them.
type results struct {
	Meta   meta    `json:"meta"`
	Blocks []block `json:"blocks"`
}

type meta struct {
	Started     time.Time          `json:"started"`
	Took        string             `json:"took"`
	CPUs        int                `json:"cpus"`
	Go          string             `json:"go"`
	Rounds      int                `json:"rounds"`
	Startups    int                `json:"startups"`
	Calls       int                `json:"calls"`
	ConcCalls   int                `json:"conc_calls"`
	Calibration map[string]float64 `json:"calibration"`
	Steal       float64            `json:"steal_share"`
	Busy        float64            `json:"busy_share"`
	Order       []string           `json:"order"`
}

// block is one server in one scenario, over all rounds.
type block struct {
	Server      string               `json:"server"`
	Transport   string               `json:"transport"`
	Scenario    string               `json:"scenario"`
	Case        string               `json:"case"`
	LatencyMS   float64              `json:"latency_ms"`
	Concurrency int                  `json:"concurrency"`
	Rounds      []map[string]float64 `json:"rounds"`
	Median      map[string]float64   `json:"median"`
	Errors      []string             `json:"errors"`
}

// scenario names blocks that are compared with each other.
type scenario struct {
	kind, payload string
	latencyMS     float64
	concurrency   int
}

func (b *block) scenario() scenario {
	return scenario{b.Scenario, b.Case, b.LatencyMS, b.Concurrency}
}

// find gives the block of a server, or nil.
func (r *results) find(server string, of scenario) *block {
	for i := range r.Blocks {
		if b := &r.Blocks[i]; b.Server == server && b.scenario() == of {
			return b
		}
	}
	return nil
}

// ratio is how a server compares to another: the median and the range of the ratios of single rounds, so that what changes
// between rounds cancels.
type ratio struct{ median, least, most float64 }

func (r ratio) String() string {
	if r.least == r.most {
		return fmt.Sprintf("%.2fx", r.median)
	}
	return fmt.Sprintf("%.2fx (%.2f to %.2f)", r.median, r.least, r.most)
}

// compare gives the ratio of a metric of two servers; false where one of them was not measured.
func (r *results) compare(server, base string, of scenario, metric string) (ratio, bool) {
	mine, theirs := r.find(server, of), r.find(base, of)
	if mine == nil || theirs == nil || len(mine.Rounds) != len(theirs.Rounds) {
		return ratio{}, false
	}
	var rounds []float64
	for i := range mine.Rounds {
		value, has := mine.Rounds[i][metric]
		other := theirs.Rounds[i][metric]
		if !has || other == 0 {
			return ratio{}, false
		}
		rounds = append(rounds, value/other)
	}
	if len(rounds) == 0 {
		return ratio{}, false
	}
	return ratio{median(rounds), slices.Min(rounds), slices.Max(rounds)}, true
}

// median gives a metric's median over the rounds.
func (r *results) median(server string, of scenario, metric string) (float64, bool) {
	b := r.find(server, of)
	if b == nil {
		return 0, false
	}
	value, has := b.Median[metric]
	return value, has
}

// bad counts answers that failed their check, over all blocks.
func (r *results) bad() (count float64, failed int) {
	for i := range r.Blocks {
		failed += len(r.Blocks[i].Errors)
		for _, round := range r.Blocks[i].Rounds {
			count += round["errors"]
		}
	}
	return count, failed
}
