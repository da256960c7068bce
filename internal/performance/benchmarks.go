package main

import (
	"bufio"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// benchmarks are the results of go test -bench: the values of every unit, by the benchmark's name without its processors.
type benchmarks struct {
	cpu    string
	values map[string]map[string][]float64
}

var processors = regexp.MustCompile(`-\d+$`)

// parseBenchmarks reads outputs of go test -bench, of which there may be several.
func parseBenchmarks(text string) (benchmarks, error) {
	parsed := benchmarks{values: map[string]map[string][]float64{}}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if cpu, found := strings.CutPrefix(line, "cpu: "); found {
			parsed.cpu = strings.TrimSpace(cpu)
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		name := processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		if parsed.values[name] == nil {
			parsed.values[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return benchmarks{}, fmt.Errorf("read benchmark %s: %w", name, err)
			}
			parsed.values[name][fields[i+1]] = append(parsed.values[name][fields[i+1]], value)
		}
	}
	return parsed, nil
}

// value is the median of what a benchmark measured in a unit.
func (b benchmarks) value(name, unit string) (float64, bool) {
	values := b.values[name][unit]
	if len(values) == 0 {
		return 0, false
	}
	return median(values), true
}

// all gives the medians of all benchmarks below a name, the least first.
func (b benchmarks) all(below, unit string) []float64 {
	var found []float64
	for name := range b.values {
		if value, ok := b.value(name, unit); ok && (name == below || strings.HasPrefix(name, below+"/")) {
			found = append(found, value)
		}
	}
	slices.Sort(found)
	return found
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
