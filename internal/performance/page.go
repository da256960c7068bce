package main

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"text/template"
)

//go:embed performance.md.tmpl
var page string

// measurements are all that the page is made of.
type measurements struct {
	harness results
	// starts are beside github-mcp-server, whose calls the harness cannot make: it leaves the port out of its platform's address.
	starts      results
	benchmarks  benchmarks
	binaryBytes int64
	version     string
}

// render writes the page.
func (m *measurements) render(out io.Writer) error {
	parsed, err := template.New("page").Parse(page)
	if err != nil {
		return fmt.Errorf("read the template: %w", err)
	}
	if err := parsed.Execute(out, m); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// Goals is the table of goals.
func (m *measurements) Goals() string {
	var out strings.Builder
	out.WriteString("| | goal | measured | met |\n| --- | --- | --- | --- |\n")
	for _, row := range m.goals() {
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", row.What, row.Bound, row.Measured, row.Met)
	}
	return out.String()
}

// Run says when, where and how the harness ran.
func (m *measurements) Run() string {
	r := m.harness.Meta
	failures, broken := m.harness.bad()
	return fmt.Sprintf(`- %s, %s of this program, %s, %d processors (%s).
- %d rounds, %d starts; %d calls one after another and %d in flight for each server and scenario; %s.
- The processors were busy for %.0f %% of the time, and %.1f %% of it was stolen. A fixed piece of work took %.1f times as long at its
  p99 as at its median.
- %.0f answers failed their check, and %d blocks broke off.`,
		r.Started.Format("2006-01-02"), m.version, r.Go, r.CPUs, m.benchmarks.cpu, r.Rounds, r.Startups, r.Calls, r.ConcCalls, r.Took,
		r.Busy*100, r.Steal*100, r.Calibration["p99_us"]/r.Calibration["p50_us"], failures, broken)
}
