package telemetry

import (
	"compress/gzip"
	"context"
	"net/http"
	"strings"
	"time"
)

const (
	// scrapeTimeout bounds what is asked for when the metrics are read.
	scrapeTimeout = 5 * time.Second
	// maxScrapes is how many may be read at once.
	maxScrapes = 4
)

// Handler serves the metrics in the text format that Prometheus reads.
func (m *Metrics) Handler() http.Handler {
	running := make(chan struct{}, maxScrapes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case running <- struct{}{}:
			defer func() { <-running }()
		default:
			http.Error(w, "the metrics are being read too often at once: try again later", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), scrapeTimeout)
		defer cancel()
		var x exposition
		m.write(ctx, &x)
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Vary", "Accept-Encoding")
		if !takesGzip(r.Header.Get("Accept-Encoding")) {
			_, _ = w.Write(x.Bytes()) // whoever left does not want it
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		compressed := gzip.NewWriter(w)
		_, _ = compressed.Write(x.Bytes())
		_ = compressed.Close()
	})
}

func (m *Metrics) write(ctx context.Context, x *exposition) {
	for _, each := range m.families {
		each.write(ctx, x)
	}
	writeRuntime(x)
	writeProcess(x)
}

// takesGzip reads the header Accept-Encoding.
func takesGzip(accepted string) bool {
	for each := range strings.SplitSeq(accepted, ",") {
		name, weight, _ := strings.Cut(each, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(weight, " q=.0") != "" || strings.TrimSpace(weight) == ""
		}
	}
	return false
}
