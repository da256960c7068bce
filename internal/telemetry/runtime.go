package telemetry

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

// runtimeFamily is a metric of the Go runtime, with the name that Prometheus's own client library gives it.
type runtimeFamily struct {
	name, kind, help string
	// sources are the metrics of package runtime/metrics that it is the sum of, separated by " + ".
	sources string
}

func runtimeFamilies() []runtimeFamily {
	const (
		objects, unused  = "/memory/classes/heap/objects:bytes", "/memory/classes/heap/unused:bytes"
		released, free   = "/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes"
		stacks, osStacks = "/memory/classes/heap/stacks:bytes", "/memory/classes/os-stacks:bytes"
		mspan, mspanFree = "/memory/classes/metadata/mspan/inuse:bytes", "/memory/classes/metadata/mspan/free:bytes"
		cache, cacheFree = "/memory/classes/metadata/mcache/inuse:bytes", "/memory/classes/metadata/mcache/free:bytes"
		tiny             = "/gc/heap/tiny/allocs:objects"
		and              = " + "
	)
	return []runtimeFamily{
		{"go_gc_gogc_percent", "gauge", "How much the heap may grow between collections (GOGC).", "/gc/gogc:percent"},
		{"go_gc_gomemlimit_bytes", "gauge", "The limit of memory (GOMEMLIMIT).", "/gc/gomemlimit:bytes"},
		{"go_goroutines", "gauge", "Goroutines that there are.", "/sched/goroutines:goroutines"},
		{"go_memstats_alloc_bytes", "gauge", "Heap in use by objects.", objects},
		{"go_memstats_alloc_bytes_total", "counter", "Heap that was allocated since the start.", "/gc/heap/allocs:bytes"},
		{"go_memstats_buck_hash_sys_bytes", "gauge", "Memory of the profiler's tables.", "/memory/classes/profiling/buckets:bytes"},
		{"go_memstats_frees_total", "counter", "Objects that were freed since the start.", "/gc/heap/frees:objects" + and + tiny},
		{"go_memstats_gc_sys_bytes", "gauge", "Memory of the garbage collector's own data.", "/memory/classes/metadata/other:bytes"},
		{"go_memstats_heap_alloc_bytes", "gauge", "Heap in use by objects.", objects},
		{"go_memstats_heap_idle_bytes", "gauge", "Heap that waits to be used.", released + and + free},
		{"go_memstats_heap_inuse_bytes", "gauge", "Heap in use.", objects + and + unused},
		{"go_memstats_heap_objects", "gauge", "Objects on the heap.", "/gc/heap/objects:objects"},
		{"go_memstats_heap_released_bytes", "gauge", "Heap that was given back to the system.", released},
		{"go_memstats_heap_sys_bytes", "gauge", "Heap that was had from the system.", objects + and + unused + and + released + and + free},
		{"go_memstats_mallocs_total", "counter", "Objects that were allocated since the start.", "/gc/heap/allocs:objects" + and + tiny},
		{"go_memstats_mcache_inuse_bytes", "gauge", "Memory of mcache structures in use.", cache},
		{"go_memstats_mcache_sys_bytes", "gauge", "Memory of mcache structures.", cache + and + cacheFree},
		{"go_memstats_mspan_inuse_bytes", "gauge", "Memory of mspan structures in use.", mspan},
		{"go_memstats_mspan_sys_bytes", "gauge", "Memory of mspan structures.", mspan + and + mspanFree},
		{"go_memstats_next_gc_bytes", "gauge", "Size of the heap that the next collection begins at.", "/gc/heap/goal:bytes"},
		{"go_memstats_other_sys_bytes", "gauge", "Other memory of the runtime.", "/memory/classes/other:bytes"},
		{"go_memstats_stack_inuse_bytes", "gauge", "Memory of the stacks of goroutines.", stacks},
		{"go_memstats_stack_sys_bytes", "gauge", "Memory of stacks.", stacks + and + osStacks},
		{"go_memstats_sys_bytes", "gauge", "Memory that was had from the system.", "/memory/classes/total:bytes"},
		{"go_sched_gomaxprocs_threads", "gauge", "Threads that may run Go code at once (GOMAXPROCS).", "/sched/gomaxprocs:threads"},
	}
}

func writeRuntime(x *exposition) {
	for _, each := range runtimeFamilies() {
		x.single(each.name, each.kind, each.help+" Read from "+each.sources+".", sumOf(each.sources))
	}
	x.head(Family{Name: "go_info", Type: "gauge", Help: "1, with the version of Go."})
	x.sample("go_info", renderLabels([]string{"version"}, []string{runtime.Version()}), 1)
	x.single("go_threads", "gauge", "Threads of the system that were made.", float64(pprof.Lookup("threadcreate").Count()))
	writeCollections(x)
}

// writeCollections writes how long the garbage collector stopped everything: the quantiles of the last pauses.
func writeCollections(x *exposition) {
	const name = "go_gc_duration_seconds"
	stats := debug.GCStats{PauseQuantiles: make([]time.Duration, 5)}
	debug.ReadGCStats(&stats)
	x.head(Family{Name: name, Type: "summary", Help: "How long collections of garbage stopped everything."})
	for i, pause := range stats.PauseQuantiles {
		x.sample(name, `quantile="`+strconv.FormatFloat(float64(i)/4, 'g', -1, 64)+`"`, pause.Seconds())
	}
	x.sample(name+"_sum", "", stats.PauseTotal.Seconds())
	x.sample(name+"_count", "", float64(stats.NumGC))
	x.single("go_memstats_last_gc_time_seconds", "gauge", "When the last collection of garbage ended, in seconds since 1970.",
		float64(stats.LastGC.UnixNano())/1e9)
}

// sumOf adds metrics of package runtime/metrics.
func sumOf(sources string) float64 {
	var samples []metrics.Sample
	for name := range strings.SplitSeq(sources, " + ") {
		samples = append(samples, metrics.Sample{Name: name})
	}
	metrics.Read(samples)
	var sum float64
	for _, sample := range samples {
		if sample.Value.Kind() == metrics.KindUint64 { // else the runtime has no such metric any more
			sum += float64(sample.Value.Uint64())
		}
	}
	return sum
}

// single adds a family with one value and no labels.
func (x *exposition) single(name, kind, help string, value float64) {
	x.head(Family{Name: name, Type: kind, Help: help})
	x.sample(name, "", value)
}
