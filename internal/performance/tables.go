package main

import (
	"fmt"
	"slices"
	"strings"
)

// column is a metric of a scenario: what it is called, and how it is written.
type column struct{ label, metric, format string }

// columns are the metrics that are shown of each kind of scenario.
func columns(kind string) []column {
	switch kind {
	case "startup":
		return []column{{"start to `initialize`", "init_ms", "%.1f ms"}, {"RSS after `tools/list`", "rss_mib", "%.1f MiB"}}
	case "list":
		return []column{{"p50", "p50_us", "%.0f µs"}, {"CPU of 1,000", "cpu_s_per_1k", "%.3f s"}}
	case "seq":
		return []column{{"overhead", "overhead_us", "%.0f µs"}, {"p99", "p99_us", "%.0f µs"}, {"CPU of 1,000", "cpu_s_per_1k", "%.3f s"}}
	case "conc":
		return []column{{"calls/s", "rps", "%.0f"}, {"p99", "p99_us", "%.0f µs"}, {"CPU of 1,000", "cpu_s_per_1k", "%.3f s"}, {"peak RSS", "peak_rss_mib", "%.1f MiB"}}
	default:
		return []column{{"sessions/s", "sessions_per_s", "%.0f"}, {"memory of each", "rss_kib_per_session", "%.1f KiB"}}
	}
}

func (s scenario) String() string {
	switch s.kind {
	case "startup":
		return "start"
	case "list":
		return "`tools/list`, warm"
	case "seq":
		return fmt.Sprintf("one after another, %s, %g ms upstream", s.payload, s.latencyMS)
	case "conc":
		return fmt.Sprintf("%d in flight, %s, %g ms upstream", s.concurrency, s.payload, s.latencyMS)
	default:
		return fmt.Sprintf("%d sessions", s.concurrency)
	}
}

// scenarios are those that were measured, in the order of the run.
func (r *results) scenarios() []scenario {
	var found []scenario
	for i := range r.Blocks {
		if of := r.Blocks[i].scenario(); !slices.Contains(found, of) {
			found = append(found, of)
		}
	}
	return found
}

// families are the servers that were measured, by the part of their names before the transport, the floor first.
func (r *results) families() []string {
	found := []string{}
	for _, family := range []string{"floor", "bare", "ours", "github"} {
		if slices.ContainsFunc(r.Blocks, func(b block) bool { return strings.HasPrefix(b.Server, family+"-") }) {
			found = append(found, family)
		}
	}
	return found
}

// table writes one row for each scenario, transport and metric, and in it a cell for each family.
func (m *measurements) table(families []string, cell func(family, transport string, of scenario, c column) string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "| scenario | | %s |\n| --- | --- |%s\n", strings.Join(families, " | "), strings.Repeat(" ---: |", len(families)))
	for _, of := range m.harness.scenarios() {
		for transport := range transports() {
			for _, c := range columns(of.kind) {
				cells := make([]string, 0, len(families))
				for _, family := range families {
					cells = append(cells, cell(family, transport, of, c))
				}
				if strings.Join(cells, "") != "" {
					fmt.Fprintf(&out, "| %s, %s | %s | %s |\n", of, transport, c.label, strings.Join(cells, " | "))
				}
			}
		}
	}
	return out.String()
}

// Ratios is the table of ratios to the floor.
func (m *measurements) Ratios() string {
	families := slices.DeleteFunc(m.harness.families(), func(family string) bool { return family == "floor" })
	return m.table(families, func(family, transport string, of scenario, c column) string {
		got, ok := m.harness.compare(family+"-"+transport, floorOf(transport), of, c.metric)
		if !ok {
			return ""
		}
		return got.String()
	})
}

// Values is the table of what was measured, with nothing divided.
func (m *measurements) Values() string {
	return m.table(m.harness.families(), func(family, transport string, of scenario, c column) string {
		value, ok := m.harness.median(family+"-"+transport, of, c.metric)
		if !ok {
			return ""
		}
		return fmt.Sprintf(c.format, value)
	})
}

// Starts is the table of the starts beside github-mcp-server; empty when that was not measured.
func (m *measurements) Starts() string {
	if m.starts.find("github-stdio", startup) == nil {
		return ""
	}
	var out strings.Builder
	out.WriteString("| | start to `initialize` | its CPU time | RSS after `tools/list` | tools | `tools/list` |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, family := range m.starts.families() {
		b := m.starts.find(family+"-stdio", startup)
		if b == nil {
			continue
		}
		fmt.Fprintf(&out, "| %s | %.1f ms | %.1f ms | %.1f MiB | %.0f | %.0f kB |\n", family,
			b.Median["init_ms"], b.Median["start_cpu_ms"], b.Median["rss_mib"], b.Median["tools"], b.Median["list_bytes"]/1000)
	}
	return out.String()
}

// Local is the table of the benchmarks that are not Go's usual three figures alone.
func (m *measurements) Local() string {
	var out strings.Builder
	out.WriteString("| benchmark | |\n| --- | --- |\n")
	names := make([]string, 0, len(m.benchmarks.values))
	for name := range m.benchmarks.values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var parts []string
		for _, unit := range units() {
			if value, ok := m.benchmarks.value(name, unit); ok {
				parts = append(parts, fmt.Sprintf("%.4g %s", value, unit))
			}
		}
		fmt.Fprintf(&out, "| `%s` | %s |\n", name, strings.Join(parts, ", "))
	}
	return out.String()
}

// units are those that the table has, in its order.
func units() []string {
	return []string{
		"p50-ms", "p99-ms", "settles/s", "MB/s", "B/op", "allocs/op", "mallocs/call", "B/call",
		"added-ns", "fsync-ns", "fsyncs", "rewrite-ns", "rewrites",
	}
}
