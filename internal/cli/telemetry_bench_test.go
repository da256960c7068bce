package cli

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/server"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

// BenchmarkTelemetry calls a tool that asks a platform on loopback once, with and without metrics, traces and a log at
// debug level. The ratio of the two is what telemetry costs.
func BenchmarkTelemetry(b *testing.B) {
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"availableCredits":"87.4215","totalCredits":"100","usedCredits":"12.5785"}`))
	}))
	b.Cleanup(platform.Close)
	collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	b.Cleanup(collector.Close)
	for _, watched := range []bool{false, true} {
		options := []client.Option{client.WithAPIKey("rok_0123456789"), client.WithBaseURL(platform.URL)}
		served := server.Options{}
		if watched {
			redactor := telemetry.NewRedactor()
			redactor.KeepCredential("rok_0123456789")
			logger := slog.New(slog.DiscardHandler)
			traces, err := telemetry.OpenTraces(b.Context(), telemetry.Collector{Address: collector.URL}, "1", logger)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = traces.Close() })
			observer := telemetry.NewObserver(telemetry.NewMetrics("1"), traces)
			log, closeLog, err := telemetry.OpenLog(telemetry.LogOptions{Level: "debug", Format: "json", File: b.TempDir() + "/log", Redactor: redactor})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = closeLog() })
			options = append(options, client.WithObserver(observer.Attempt), client.WithLogger(log))
			served.Observer, served.Secrets, served.Logger = observer, redactor, log
		}
		c, err := client.New(options...)
		if err != nil {
			b.Fatal(err)
		}
		if served.Catalog, err = tools.NewCatalog(tools.Platform{Client: c}); err != nil {
			b.Fatal(err)
		}
		s, err := server.New(served)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(map[bool]string{false: "off", true: "on"}[watched], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, failure := s.Call(b.Context(), "get_credits", json.RawMessage(`{}`)); failure != nil {
					b.Fatal(failure)
				}
			}
		})
	}
}
