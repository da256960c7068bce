package main

import (
	"fmt"
	"math"
)

// goal is a row of the table of goals.
type goal struct{ What, Bound, Measured, Met string }

// What github-mcp-server 1.x took in November 2026, as so many times the floor of its run. It is used where it is not
// measured beside this program.
const (
	githubStart = 18.9 / 3.6
	githubRSS   = 22.0 / 7.8
)

var (
	startup  = scenario{kind: "startup"}
	listing  = scenario{kind: "list"}
	small    = scenario{kind: "seq", payload: "small"}
	large    = scenario{kind: "seq", payload: "large"}
	sessions = scenario{kind: "sessions", concurrency: 1000}
)

// inFlight is a load of small calls.
func inFlight(calls int, latencyMS float64) scenario {
	return scenario{"conc", "small", latencyMS, calls}
}

// floorOf names the floor that a transport is measured against: there is none for SSE, which is HTTP too.
func floorOf(transport string) string {
	if transport == "sse" {
		transport = "http"
	}
	return "floor-" + transport
}

func (m *measurements) goals() []goal {
	rows := []goal{
		m.ratioGoal("start to `initialize`, stdio, bare server = 1", "ours-stdio", "bare-stdio", startup, "init_ms", atMost(1.2)),
		m.githubGoal("start to `initialize`, stdio, github-mcp-server = 1", "init_ms", githubStart, atMost(0.6)),
		m.githubGoal("RSS after `tools/list`, github-mcp-server = 1", "rss_mib", githubRSS, atMost(0.75)),
		valueGoal("binary, stripped", atMost(24).of(" MB"), float64(m.binaryBytes)/1e6, "%.1f MB", m.binaryBytes > 0),
		m.listGoal(),
		m.ratioGoal("overhead of a small call, stdio", "ours-stdio", "floor-stdio", small, "overhead_us", atMost(1.6)),
		m.ratioGoal("overhead of a small call, HTTP", "ours-http", "floor-http", small, "overhead_us", atMost(1.4)),
		m.ratioGoal("calls/s, 32 in flight, small, stdio", "ours-stdio", "floor-stdio", inFlight(32, 0), "rps", atLeast(0.55)),
		m.ratioGoal("calls/s, 32 in flight, small, HTTP", "ours-http", "floor-http", inFlight(32, 0), "rps", atLeast(0.5)),
		m.ratioGoal("calls/s, 8 in flight, small, stdio", "ours-stdio", "floor-stdio", inFlight(8, 0), "rps", atLeast(0.6)),
		m.ratioGoal("calls/s, 8 in flight, small, HTTP", "ours-http", "floor-http", inFlight(8, 0), "rps", atLeast(0.65)),
		m.ratioGoal("overhead of a large list, stdio", "ours-stdio", "floor-stdio", large, "overhead_us", atMost(12)),
		m.ratioGoal("overhead of a large list, HTTP", "ours-http", "floor-http", large, "overhead_us", atMost(12)),
	}
	for transport := range transports() {
		rows = append(rows, m.ratioGoal("calls/s, 32 in flight, 20 ms upstream, "+transport, "ours-"+transport, floorOf(transport),
			inFlight(32, 20), "rps", atLeast(0.97)))
	}
	rows = append(rows, m.connectionsGoal(),
		m.ratioGoal("memory of each of 1,000 sessions", "ours-http", "floor-http", sessions, "rss_kib_per_session", atMost(1.5)))
	rows = append(rows, m.allocationGoals()...)
	return append(rows, m.localGoals()...)
}

// localGoals are those that benchmarks of this program alone measure.
func (m *measurements) localGoals() []goal {
	searches := m.benchmarks.all("Search", "p99-ms")
	settles := m.benchmarks.all("Settle/default", "settles/s")
	stored, hasStored := m.benchmarks.value("Upload", "MB/s")
	written, hasWritten := m.benchmarks.value("UploadFloor", "MB/s")
	memory, hasMemory := m.benchmarks.value("Upload", "B/op")
	added, hasAdded := m.benchmarks.value("Money/sqlite/off", "fsyncs")
	return []goal{
		valueGoal("sandbox: search over 10,000 agents, p99, the worst of the queries", atMost(20).of(" ms"), last(searches), "%.1f ms", len(searches) > 0),
		valueGoal("sandbox: settlements a second, on disk", atLeast(300).of(""), first(settles), "%.0f", len(settles) > 0),
		valueGoal("sandbox: memory that an upload of 100 MB takes in all", atMost(1000).of(" kB"), memory/1000, "%.0f kB", hasMemory),
		valueGoal("sandbox: upload of 100 MB, hashing and writing the same bytes = 1", atLeast(0.5), stored/written, "%.2fx", hasStored && hasWritten),
		valueGoal("journal and consent of a Money call, one fsync of the same disk = 1", atMost(1), added, "%.1fx", hasAdded),
	}
}

func first(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return values[0]
}

func last(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return values[len(values)-1]
}

// bound is what a value has to keep to, and the unit of both.
type bound struct {
	value float64
	least bool
	unit  string
}

func atMost(value float64) bound  { return bound{value: value, unit: "x"} }
func atLeast(value float64) bound { return bound{value: value, least: true, unit: "x"} }

func (b bound) of(unit string) bound {
	b.unit = unit
	return b
}

func (b bound) String() string {
	if b.least {
		return fmt.Sprintf("at least %g%s", b.value, b.unit)
	}
	return fmt.Sprintf("at most %g%s", b.value, b.unit)
}

func (b bound) met(value float64) string {
	if (b.least && value >= b.value) || (!b.least && value <= b.value) {
		return "yes"
	}
	return "no"
}

const notMeasured = "not measured"

func valueGoal(what string, b bound, value float64, format string, measured bool) goal {
	if !measured {
		return goal{what, b.String(), notMeasured, ""}
	}
	return goal{what, b.String(), fmt.Sprintf(format, value), b.met(value)}
}

func (m *measurements) ratioGoal(what, server, base string, of scenario, metric string, b bound) goal {
	got, ok := m.harness.compare(server, base, of, metric)
	if !ok {
		return goal{what, b.String(), notMeasured, ""}
	}
	return goal{what, b.String(), got.String(), b.met(got.median)}
}

// githubGoal compares with github-mcp-server, as it was measured beside this program or else as it was published.
func (m *measurements) githubGoal(what, metric string, published float64, b bound) goal {
	if got, ok := m.starts.compare("ours-stdio", "github-stdio", startup, metric); ok {
		return goal{what, b.String(), got.String(), b.met(got.median)}
	}
	got, ok := m.harness.compare("ours-stdio", "floor-stdio", startup, metric)
	return valueGoal(what+fmt.Sprintf(" (published: %.2fx the floor)", published), b, got.median/published, "%.2fx", ok)
}

// listGoal compares a warm tools/list with what the floor would take for as many bytes: its own list, and for each byte
// more what its large answers take beyond its small ones.
func (m *measurements) listGoal() goal {
	const what = "`tools/list`, warm, stdio, the floor for as many bytes = 1"
	values := make([]float64, 0, 8)
	for _, wanted := range []struct {
		server string
		of     scenario
		metric string
	}{
		{"ours-stdio", listing, "p50_us"}, {"ours-stdio", startup, "list_bytes"},
		{"floor-stdio", listing, "p50_us"}, {"floor-stdio", startup, "list_bytes"},
		{"floor-stdio", large, "overhead_us"}, {"floor-stdio", small, "overhead_us"},
		{"floor-stdio", large, "response_bytes"}, {"floor-stdio", small, "response_bytes"},
	} {
		value, ok := m.harness.median(wanted.server, wanted.of, wanted.metric)
		if !ok {
			return goal{what, atMost(2).String(), notMeasured, ""}
		}
		values = append(values, value)
	}
	perByte := (values[4] - values[5]) / (values[6] - values[7])
	floor := values[2] + perByte*(values[1]-values[3])
	return valueGoal(what, atMost(2), values[0]/floor, "%.2fx", true)
}

// connectionsGoal looks for connections to the platform that are opened while calls go on as before.
func (m *measurements) connectionsGoal() goal {
	beyond, measured := m.benchmarks.value("Connections/ours/http", "beyond")
	bare, _ := m.benchmarks.value("Connections/bare/http", "beyond")
	return valueGoal("connections to the platform opened in a steady run beyond the 32 calls in flight", atMost(0).of(""), beyond,
		fmt.Sprintf("%%.0f (bare %.0f)", bare), measured)
}

func (m *measurements) allocationGoals() []goal {
	var rows []goal
	for _, transport := range []string{"stdio", "http"} {
		ours, has := m.benchmarks.value("Allocations/ours/"+transport, "mallocs/call")
		bare, hasBare := m.benchmarks.value("Allocations/bare/"+transport, "mallocs/call")
		rows = append(rows, valueGoal("allocations of a small call, "+transport+", bare server = 1", atMost(0.5), ours/bare,
			fmt.Sprintf("%%.2fx (%.0f, bare %.0f)", ours, bare), has && hasBare))
	}
	return rows
}
