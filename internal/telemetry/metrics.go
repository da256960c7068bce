package telemetry

import "runtime"

// namespace begins the name of every metric but those of the Go runtime and the process.
const namespace = "robutler_mcp"

// Family describes the metrics of one name.
type Family struct {
	Name string
	// Type is counter, gauge or histogram.
	Type   string
	Labels []string
	Help   string
}

// Metrics counts what a server does. It is safe for concurrent use.
type Metrics struct {
	families []exposed

	requests, calls, refusals, decisions *family[*counter]
	callSeconds                          *family[*histogram]
	callsRunning                         *gauge
	platformRequests, platformRetries    *family[*counter]
	platformSeconds                      *family[*histogram]
	states                               map[string]*state
}

// The families whose values are asked for when they are read.
const (
	familySessions = "sessions"
	familyStreams  = "streams"
	familyBreaker  = "platform_breaker_state"
	familyEntries  = "journal_entries"
)

// NewMetrics makes the metrics of a server of a version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{states: map[string]*state{}}
	m.requests = m.counter("requests_total", "MCP requests that were answered, by method and outcome (ok or error).", "method", "outcome")
	m.calls = m.counter("tool_calls_total", "Calls of tools that ended, by the code of their outcome; ok for a success. "+
		"A tool that there is not is counted as unknown.", "tool", "class", "code")
	m.callSeconds = m.histogram("tool_call_duration_seconds", "How long calls of tools took.", "tool", "class")
	m.callsRunning = m.gauge("tool_calls_in_flight", "Calls of tools that are running.").of()
	m.refusals = m.counter("refusals_total", "Requests that were refused ahead of any tool, by reason: host, origin, too_large, credential, "+
		"permission, rate_limit, foreign_session, capacity or authentication_unavailable.", "reason")
	m.platformRequests = m.counter("platform_requests_total", "Attempts of calls of the platform, by the route's template and the "+
		"HTTP status, or why there was no answer: timeout, canceled, unavailable, bad_response or breaker_open.", "method", "route", "status")
	m.platformSeconds = m.histogram("platform_request_duration_seconds", "How long attempts of calls of the platform took.", "method", "route")
	m.platformRetries = m.counter("platform_retries_total", "Attempts that repeated an earlier one of the same call.", "method", "route")
	m.decisions = m.counter("journal_decisions_total", "Calls that went through the journal, by what became of them: pending, replayed, "+
		"succeeded, rejected, unknown, or the code of what was answered.", "class", "outcome")
	m.state(familyBreaker, "1 for the state that the circuit breaker of the platform's host is in: closed, open or half_open.", "state")
	m.state(familySessions, "Sessions of HTTP clients before the 2026 revision that are open.")
	m.state(familyStreams, "Streams that are open, by transport: http or sse.", "transport")
	m.state(familyEntries, "Calls in the journal by state, once the journal was opened.", "state")
	m.gauge("build_info", "1, with the version of the program and of Go that it was built with.", "version", "goversion").
		of(version, runtime.Version()).level.Store(1)
	return m
}

// durations are the bounds of the histograms' buckets, in seconds: from an answer of the journal to a slow agent.
func durations() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
}

func (m *Metrics) counter(name, help string, labels ...string) *family[*counter] {
	return newFamily(m, name, "counter", help, labels, func() *counter { return &counter{} })
}

func (m *Metrics) gauge(name, help string, labels ...string) *family[*gauge] {
	return newFamily(m, name, "gauge", help, labels, func() *gauge { return &gauge{} })
}

func (m *Metrics) histogram(name, help string, labels ...string) *family[*histogram] {
	bounds := durations()
	return newFamily(m, name, "histogram", help, labels, func() *histogram { return newHistogram(bounds) })
}

func newFamily[M metric](m *Metrics, name, kind, help string, labels []string, made func() M) *family[M] {
	f := &family[M]{
		Family: Family{Name: namespace + "_" + name, Type: kind, Labels: labels, Help: help},
		make:   made, series: map[labelValues]M{},
	}
	m.families = append(m.families, f)
	return f
}

func (m *Metrics) state(name, help string, labels ...string) {
	made := &state{Family: Family{Name: namespace + "_" + name, Type: "gauge", Labels: labels, Help: help}}
	m.states[name] = made
	m.families = append(m.families, made)
}

// Families describes all metrics but those of the Go runtime and the process.
func (m *Metrics) Families() []Family {
	described := make([]Family, len(m.families))
	for i, each := range m.families {
		described[i] = each.about()
	}
	return described
}
