package telemetry

import (
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

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

// Metrics counts what a server does, in a registry of its own. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	families []Family

	requests, calls, refusals, decisions *prometheus.CounterVec
	callSeconds                          *prometheus.HistogramVec
	callsRunning                         prometheus.Gauge
	platformRequests, platformRetries    *prometheus.CounterVec
	platformSeconds                      *prometheus.HistogramVec
	states                               map[string]*stateCollector
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
	m := &Metrics{registry: prometheus.NewRegistry(), states: map[string]*stateCollector{}}
	m.requests = m.counter("requests_total", "MCP requests that were answered, by method and outcome (ok or error).", "method", "outcome")
	m.calls = m.counter("tool_calls_total", "Calls of tools that ended, by the code of their outcome; ok for a success. "+
		"A tool that there is not is counted as unknown.", "tool", "class", "code")
	m.callSeconds = m.histogram("tool_call_duration_seconds", "How long calls of tools took.", "tool", "class")
	m.callsRunning = prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "tool_calls_in_flight", Help: "Calls of tools that are running.",
	})
	m.register(m.callsRunning, Family{Name: "tool_calls_in_flight", Type: "gauge", Help: "Calls of tools that are running."})
	m.refusals = m.counter("refusals_total", "Requests that were refused ahead of any tool, by reason.", "reason")
	m.platformRequests = m.counter("platform_requests_total", "Attempts of calls of the platform, by the route's template and the "+
		"HTTP status, or why there was no answer: timeout, canceled, unavailable, bad_response or breaker_open.", "method", "route", "status")
	m.platformSeconds = m.histogram("platform_request_duration_seconds", "How long attempts of calls of the platform took.", "method", "route")
	m.platformRetries = m.counter("platform_retries_total", "Attempts that repeated an earlier one of the same call.", "method", "route")
	m.decisions = m.counter("journal_decisions_total", "Calls that went through the journal, by what became of them: pending, replayed, "+
		"succeeded, rejected, unknown, or the code of what was answered.", "class", "outcome")
	m.state(familyBreaker, "1 for the state that the circuit breaker of the platform's host is in: closed, open or half_open.", "state")
	m.state(familySessions, "Sessions of HTTP clients before the 2026 revision that are open.", "")
	m.state(familyStreams, "Streams that are open, by transport: http or sse.", "transport")
	m.state(familyEntries, "Calls in the journal by state, once the journal was opened.", "state")
	m.buildInfo(version)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// durations are the bounds of the histograms' buckets, in seconds: from an answer of the journal to a slow agent.
func durations() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	made := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.register(made, Family{Name: name, Type: "counter", Labels: labels, Help: help})
	return made
}

func (m *Metrics) histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	made := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: durations()}, labels)
	m.register(made, Family{Name: name, Type: "histogram", Labels: labels, Help: help})
	return made
}

func (m *Metrics) state(name, help, label string) {
	var labels []string
	if label != "" {
		labels = []string{label}
	}
	made := &stateCollector{about: prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil), labeled: label != ""}
	m.states[name] = made
	m.register(made, Family{Name: name, Type: "gauge", Labels: labels, Help: help})
}

func (m *Metrics) buildInfo(version string) {
	const name, help = "build_info", "1, with the version of the program and of Go that it was built with."
	made := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: name, Help: help, ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	made.Set(1)
	m.register(made, Family{Name: name, Type: "gauge", Labels: []string{"version", "goversion"}, Help: help})
}

func (m *Metrics) register(made prometheus.Collector, family Family) {
	m.registry.MustRegister(made)
	family.Name = namespace + "_" + family.Name
	m.families = append(m.families, family)
}

// Families describes all metrics but those of the Go runtime and the process.
func (m *Metrics) Families() []Family { return slices.Clone(m.families) }

// scrapeTimeout bounds what is asked for when the metrics are read.
const scrapeTimeout = 5 * time.Second

// Handler serves the metrics in the formats that Prometheus reads.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 2 * scrapeTimeout, MaxRequestsInFlight: 4})
}
