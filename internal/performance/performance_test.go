package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func sample(t *testing.T) *measurements {
	t.Helper()
	m := &measurements{version: "v1.2.3", binaryBytes: 23_400_000}
	var err error
	if m.harness, err = readResults(filepath.Join("testdata", "harness.json")); err != nil {
		t.Fatal(err)
	}
	if m.starts, err = readResults(filepath.Join("testdata", "starts.json")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join("testdata", "benchmarks.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if m.benchmarks, err = parseBenchmarks(string(raw)); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestGoldenPage(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	if err := sample(t).render(&page); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "performance.md")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(stored, page.Bytes()) {
		t.Errorf("the page of the sample is not %s (%v); run make golden and look at the difference", path, err)
	}
	if strings.Contains(page.String(), "NaN") || strings.Contains(page.String(), "Inf") {
		t.Error("a figure was divided by nothing")
	}
}

// TestNothingMeasured renders a page of nothing: every goal is there, and none is said to be met.
// TestThePublishedPageSaysWhatTheTemplateSays finds a text that was changed in one of them alone: the figures are measured on a
// machine that does nothing else, the words around them can be compared anywhere.
func TestThePublishedPageSaysWhatTheTemplateSays(t *testing.T) {
	t.Parallel()
	published, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(published)
	for _, words := range regexp.MustCompile(`\{\{[^}]*\}\}`).Split(page, -1) {
		_, after, found := strings.Cut(rest, words)
		if !found {
			t.Errorf("docs/performance.md lacks, or has elsewhere:\n%s\nchange internal/performance/performance.md.tmpl, then make bench-page", words)
		}
		rest = after
	}
}

func TestNothingMeasured(t *testing.T) {
	t.Parallel()
	all := sample(t).goals()
	var none measurements
	rows := none.goals()
	if len(rows) != len(all) {
		t.Errorf("%d goals of nothing, %d of the sample", len(rows), len(all))
	}
	for _, row := range rows {
		if row.Met != "" || row.Measured != notMeasured {
			t.Errorf("%+v", row)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		bound bound
		value float64
		want  string
	}{
		{atMost(2), 2, "yes"}, {atMost(2), 2.01, "no"}, {atLeast(2), 2, "yes"}, {atLeast(2), 1.99, "no"}, {atMost(0), 0, "yes"},
	} {
		if got := test.bound.met(test.value); got != test.want {
			t.Errorf("%s: %g is %s", test.bound, test.value, got)
		}
	}
}

// TestRatiosAreOfRounds has a machine that became twice as slow in one round.
func TestRatiosAreOfRounds(t *testing.T) {
	t.Parallel()
	of := scenario{kind: "list"}
	measured := func(server string, values ...float64) block {
		b := block{Server: server, Scenario: of.kind}
		for _, value := range values {
			b.Rounds = append(b.Rounds, map[string]float64{"p50_us": value})
		}
		return b
	}
	r := results{Blocks: []block{measured("floor", 10, 20, 10), measured("ours", 15, 30, 16), measured("short", 1), measured("idle", 0, 0, 0)}}
	if got, ok := r.compare("ours", "floor", of, "p50_us"); !ok || got != (ratio{1.5, 1.5, 1.6}) {
		t.Errorf("%+v", got)
	}
	for _, other := range [][2]string{{"ours", "short"}, {"ours", "absent"}, {"ours", "idle"}} {
		if got, ok := r.compare(other[0], other[1], of, "p50_us"); ok {
			t.Errorf("%v: %+v", other, got)
		}
	}
	if _, ok := r.compare("ours", "floor", of, "absent"); ok {
		t.Error("a metric that was not measured")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := writeConfig(&out, "ours", "bare", "github"); err != nil {
		t.Fatal(err)
	}
	var config harnessConfig
	if err := json.Unmarshal(out.Bytes(), &config); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, server := range config.Servers {
		names = append(names, server.Name)
		if (server.Transport == "stdio") != (server.URL == "") || len(server.Cases) == 0 || server.Cases[0].Name != "small" {
			t.Errorf("%+v", server)
		}
	}
	want := []string{"floor-stdio", "floor-http", "bare-stdio", "ours-stdio", "bare-http", "ours-http", "bare-sse", "ours-sse", "github-stdio", "github-http"}
	if !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
	if err := writeConfig(&out, "", "bare", ""); err == nil {
		t.Error("there is no program")
	}
}
