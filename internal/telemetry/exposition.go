package telemetry

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// exposition is metrics in the text format of Prometheus, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/. The client library of Prometheus also speaks Protocol
// Buffers, and so makes this program 2 MB larger.
type exposition struct{ bytes.Buffer }

// contentType is the format's media type.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// head begins a family.
func (x *exposition) head(about Family) {
	x.WriteString("# HELP " + about.Name + " " + strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(about.Help) + "\n")
	x.WriteString("# TYPE " + about.Name + " " + about.Type + "\n")
}

// sample adds a value. The labels are those that [renderLabels] gives.
func (x *exposition) sample(name, labels string, value float64) {
	x.WriteString(name)
	if labels != "" {
		x.WriteString("{" + labels + "}")
	}
	x.WriteByte(' ')
	x.Write(strconv.AppendFloat(x.AvailableBuffer(), value, 'g', -1, 64))
	x.WriteByte('\n')
}

// renderLabels writes labels with their values, sorted by name.
func renderLabels(names, values []string) string {
	escape := strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = name + `="` + escape.Replace(strings.ToValidUTF8(values[i], "\uFFFD")) + `"`
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}

// exposed is a family that can be read.
type exposed interface {
	about() Family
	write(ctx context.Context, x *exposition)
}

// metric is what one series of a family counts.
type metric interface {
	write(x *exposition, name, labels string)
}

// labelValues are those of one series, in the order of the family's labels; no family has more than three.
type labelValues [3]string

// family is the metrics of one name: a series for every combination of labels that there was. It is safe for concurrent
// use.
type family[M metric] struct {
	Family
	make func() M

	mu     sync.RWMutex
	series map[labelValues]M
}

// of gives the series with the values of the labels.
func (f *family[M]) of(values ...string) M {
	var key labelValues
	copy(key[:], values)
	f.mu.RLock()
	found, ok := f.series[key]
	f.mu.RUnlock()
	if ok {
		return found
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if found, ok = f.series[key]; !ok {
		found = f.make()
		f.series[key] = found
	}
	return found
}

func (f *family[M]) about() Family { return f.Family }

func (f *family[M]) write(_ context.Context, x *exposition) {
	f.mu.RLock()
	byLabels := make(map[string]M, len(f.series))
	for values, each := range f.series {
		byLabels[renderLabels(f.Labels, values[:])] = each
	}
	f.mu.RUnlock()
	writeSorted(x, f.Family, byLabels, func(labels string, each M) { each.write(x, f.Name, labels) })
}

// writeSorted writes a family that has any series, with the series sorted by their labels.
func writeSorted[V any](x *exposition, about Family, series map[string]V, write func(labels string, value V)) {
	if len(series) == 0 {
		return
	}
	x.head(about)
	all := make([]string, 0, len(series))
	for labels := range series {
		all = append(all, labels)
	}
	slices.Sort(all)
	for _, labels := range all {
		write(labels, series[labels])
	}
}
