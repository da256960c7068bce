package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// parse reads metrics with Prometheus's own parser.
func parse(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	read, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return read
}

// reference writes what Prometheus's own client library does.
func reference(t *testing.T, made ...prometheus.Collector) string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(made...)
	gathered, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range gathered {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

func TestTheFormatIsThatOfTheClientLibrary(t *testing.T) {
	t.Parallel()
	const help = "A help with a \\ and\na line break."
	m := &Metrics{}
	counts := m.counter("counts_total", help, "zone", "kind")
	seconds := m.histogram("seconds", help, "kind")
	level := m.gauge("level", help)
	theirCounts := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: "counts_total", Help: help}, []string{"zone", "kind"})
	theirSeconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: "seconds", Help: help, Buckets: durations()},
		[]string{"kind"})
	theirLevel := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "level", Help: help})
	for _, labels := range [][2]string{{"a", "b"}, {"b", "a"}, {"a", "b"}, {"", `quote " and \ and` + "\n"}, {"é", "{x=\"y\"}"}} {
		counts.of(labels[:]...).increase()
		theirCounts.WithLabelValues(labels[:]...).Inc()
	}
	for _, value := range []float64{0, 0.005, 0.0050001, 0.3, 2.5, 60, 60.1, 12345678.9, math.SmallestNonzeroFloat64} {
		seconds.of("x").observe(value)
		theirSeconds.WithLabelValues("x").Observe(value)
	}
	level.of().level.Add(-3)
	theirLevel.Set(-3)
	var x exposition
	for _, each := range []exposed{counts, m.families[2], seconds} { // the registry sorts by name
		each.write(t.Context(), &x)
	}
	if want := reference(t, theirCounts, theirSeconds, theirLevel); x.String() != want {
		t.Errorf("written:\n%s\nwant:\n%s", x.String(), want)
	}
}

// TestRuntimeAndProcessAreNamedAsUsual so that dashboards made for any program in Go serve.
func TestRuntimeAndProcessAreNamedAsUsual(t *testing.T) {
	t.Parallel()
	theirs := func() map[string]*dto.MetricFamily {
		read := parse(t, reference(t, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})))
		maps.DeleteFunc(read, func(name string, _ *dto.MetricFamily) bool {
			return runtime.GOOS != "linux" && strings.HasPrefix(name, "process_")
		})
		return read
	}
	steady := []string{
		"go_info", "go_gc_gogc_percent", "go_gc_gomemlimit_bytes", "go_sched_gomaxprocs_threads", "process_max_fds",
		"process_virtual_memory_max_bytes", "process_start_time_seconds",
	}
	before := theirs()
	ours := parse(t, scrape(t, NewMetrics("1")))
	after := theirs()
	for name, want := range before {
		got := ours[name]
		if got.GetType() != want.GetType() || len(got.GetMetric()) != len(want.GetMetric()) {
			t.Errorf("%s is %v, want %v", name, got, want)
			continue
		}
		counts := want.GetType() == dto.MetricType_COUNTER || want.GetType() == dto.MetricType_SUMMARY
		least, value, most := valueOf(want), valueOf(got), valueOf(after[name])
		if (counts || slices.Contains(steady, name)) && (value < least || value > most) {
			t.Errorf("%s is %v, want %v to %v", name, value, least, most)
		}
	}
	for name := range ours {
		if before[name] == nil && !strings.HasPrefix(name, namespace) {
			t.Errorf("%s is no usual name", name)
		}
	}
}

func valueOf(family *dto.MetricFamily) float64 {
	metric := family.GetMetric()[0]
	return metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + metric.GetSummary().GetSampleSum()
}

func TestTheRuntimeTellsWhatItIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, family := range runtimeFamilies() {
		for source := range strings.SplitSeq(family.sources, " + ") {
			sample := []metrics.Sample{{Name: source}}
			metrics.Read(sample)
			if kind := sample[0].Value.Kind(); kind != metrics.KindUint64 {
				t.Errorf("%s: %s is of kind %v", family.name, source, kind)
			}
		}
	}
}

func TestMetricsAreCompressedWhenAskedTo(t *testing.T) {
	t.Parallel()
	handler := NewMetrics("1").Handler()
	for accepted, want := range map[string]bool{
		"": false, "gzip": true, "deflate, GZIP;q=0.5": true, "gzip;q=1.0": true, "gzip; q=0": false, "gzip;q=0.0": false, "identity": false, "zstd": false,
	} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
		request.Header.Set("Accept-Encoding", accepted)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		var body io.Reader = recorder.Body
		if compressed := recorder.Header().Get("Content-Encoding") == "gzip"; compressed != want {
			t.Errorf("%q: compressed: %v", accepted, compressed)
		}
		if want {
			reader, err := gzip.NewReader(recorder.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = reader
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		if parse(t, string(text))[namespace+"_build_info"] == nil || recorder.Header().Get("Content-Type") != contentType {
			t.Errorf("%q: %v %s", accepted, recorder.Header(), text)
		}
	}
}

func TestReadingTooOftenAtOnceIsRefused(t *testing.T) {
	t.Parallel()
	m := NewMetrics("1")
	entered, leave := make(chan struct{}), make(chan struct{})
	m.Watch(Watch{Entries: func(context.Context) map[string]int {
		entered <- struct{}{}
		<-leave
		return nil
	}})
	handler := m.Handler()
	read := func() int {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", http.NoBody))
		return recorder.Code
	}
	statuses := make([]int, maxScrapes)
	var running sync.WaitGroup
	for i := range statuses {
		running.Go(func() { statuses[i] = read() })
		<-entered
	}
	if status := read(); status != http.StatusServiceUnavailable {
		t.Errorf("one more: %d", status)
	}
	close(leave)
	running.Wait()
	if slices.ContainsFunc(statuses, func(status int) bool { return status != http.StatusOK }) {
		t.Errorf("%v", statuses)
	}
}
