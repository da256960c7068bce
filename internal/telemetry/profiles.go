package telemetry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"strings"
	"time"
)

const (
	profileTime = 30 * time.Second
	traceTime   = time.Second
	// maxProfileTime bounds how long a profile or a trace is taken for.
	maxProfileTime = 10 * time.Minute
)

// profiles serves the profiles of the runtime under the addresses that go tool pprof and go tool trace know. It is not
// net/http/pprof, which begins with every start of the program and makes it a quarter of a megabyte larger.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/{$}", listProfiles)
	mux.HandleFunc("GET /debug/pprof/{name}", writeProfile)
	mux.HandleFunc("GET /debug/pprof/cmdline", func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, strings.Join(os.Args, "\x00"))
	})
	mux.HandleFunc("GET /debug/pprof/profile", record(profileTime, pprof.StartCPUProfile, pprof.StopCPUProfile))
	mux.HandleFunc("GET /debug/pprof/trace", record(traceTime, trace.Start, trace.Stop))
	return mux
}

func listProfiles(w http.ResponseWriter, _ *http.Request) {
	var list strings.Builder
	for _, each := range pprof.Profiles() {
		fmt.Fprintf(&list, "%s %d\n", each.Name(), each.Count())
	}
	list.WriteString("profile ?seconds=30\ntrace ?seconds=1\ncmdline\n\nWith ?debug=1 all but profile and trace are text.\n")
	writeText(w, list.String())
}

// writeProfile writes a profile as it stands.
func writeProfile(w http.ResponseWriter, r *http.Request) {
	profile := pprof.Lookup(r.PathValue("name"))
	if profile == nil {
		http.Error(w, "there is no such profile; see /debug/pprof/", http.StatusNotFound)
		return
	}
	if r.FormValue("seconds") != "" {
		http.Error(w, "only profile and trace are taken over a time", http.StatusBadRequest)
		return
	}
	debug, _ := strconv.Atoi(r.FormValue("debug")) // what is no number is none
	if r.FormValue("gc") != "" && profile.Name() == "heap" {
		runtime.GC()
	}
	if debug == 0 {
		attach(w, profile.Name())
	} else {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	_ = profile.WriteTo(w, debug) // the client is gone: nobody is left to tell
}

// record gives a handler that writes what is seen between a start and a stop.
func record(usually time.Duration, start func(io.Writer) error, stop func()) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		duration := usually
		if seconds, err := strconv.ParseFloat(r.FormValue("seconds"), 64); err == nil && seconds > 0 {
			duration = min(time.Duration(seconds*float64(time.Second)), maxProfileTime)
		}
		attach(w, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
		if err := start(w); err != nil {
			w.Header().Del("Content-Disposition")
			http.Error(w, err.Error(), http.StatusInternalServerError) // another is being taken
			return
		}
		defer stop()
		ctx, cancel := context.WithTimeout(r.Context(), duration)
		defer cancel()
		<-ctx.Done()
	}
}

func attach(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, text) // the client is gone: nobody is left to tell
}
