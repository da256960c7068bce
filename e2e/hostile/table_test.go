package hostile

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// The transports that rows name.
const (
	overStdio  = "stdio"
	overLegacy = "http 2025-11-25"
	overModern = "http 2026-07-28"
	overSSE    = "sse"
)

// everywhere is each transport.
func everywhere() []string { return []string{overStdio, overLegacy, overModern, overSSE} }

// web is each transport over HTTP.
func web() []string { return []string{overLegacy, overModern, overSSE} }

// row is a row of a table: what goes wrong, and what must hold then.
type row struct {
	fault, limit string
	// also names tests next to the code that show more of it.
	also string
	// over are the transports that it concerns; none for what has nothing to do with one.
	over []string
	// probe lets it go wrong over a transport and gives what was measured.
	probe func(t *testing.T, over string) string
}

// result is a line of a table as it is printed.
type result struct {
	fault, over, figure, limit, also string
	ok                               bool
	took                             time.Duration
}

// try probes every row over each of its transports, and prints the table.
func try(t *testing.T, title string, rows []row) {
	t.Helper()
	var results []result
	for _, r := range rows {
		over := r.over
		if len(over) == 0 {
			over = []string{"-"}
		}
		for _, transport := range over {
			got := result{fault: r.fault, over: transport, limit: r.limit, also: r.also, figure: "see the failure above"}
			began := time.Now()
			ran := false
			got.ok = t.Run(r.fault+"/"+transport, func(t *testing.T) {
				ran = true
				got.figure = r.probe(t, transport)
			})
			got.took = time.Since(began)
			if ran { // rather than left out by -run
				results = append(results, got)
			}
		}
	}
	show(t, title, results)
}

// show prints a table to the standard output, where it stays readable, and to a file if HOSTILE_REPORT names one.
func show(t *testing.T, title string, results []result) {
	t.Helper()
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "\n%s\n\nROW\tTRANSPORT\tFIGURE\tLIMIT\tOK\tTOOK\tALSO\n", title) // a builder takes all
	failed := 0
	for _, r := range results {
		verdict := "ok"
		if !r.ok {
			// What was counted is what was tried; the failure says what came of it.
			verdict, r.figure = "FAILS", "tried: "+r.figure
			failed++
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.fault, r.over, r.figure, r.limit, verdict, milliseconds(r.took), r.also)
	}
	_, _ = fmt.Fprintf(table, "%d rows, %d fail\n", len(results), failed)
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
	fmt.Println(text.String())
	if path := os.Getenv("HOSTILE_REPORT"); path != "" {
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// within fails a test whose measure is above its limit.
func within(t *testing.T, what string, took, limit time.Duration) {
	t.Helper()
	if took > limit {
		t.Errorf("%s took %s, the limit is %s", what, milliseconds(took), milliseconds(limit))
	}
}

// patience bounds what a test waits for before it fails.
const patience = 20 * time.Second

// receive waits for a value, or fails.
func receive[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}
