package config

import "github.com/spf13/pflag"

// Telemetry says what can be seen of a running server from outside, beside its log. All of it is off by default.
type Telemetry struct {
	// MetricsAddr is where /metrics is served; empty for nowhere.
	MetricsAddr string
	// PprofAddr is where profiles are served, on loopback; empty for nowhere.
	PprofAddr string
	// Traces says that spans are sent to the collector that the standard variables name.
	Traces bool
	// OTLPEndpoint is the collector's address; with it spans are sent.
	OTLPEndpoint string
	// OTLPTracesEndpoint and OTLPHeaders come from the standard variables alone.
	OTLPTracesEndpoint string
	OTLPHeaders        Secret
}

// AddTelemetry declares the flags of the commands that serve.
func (c *Config) AddTelemetry(flags *pflag.FlagSet) {
	flags.StringVar(&c.Telemetry.MetricsAddr, "metrics-addr", "", "`address` to serve Prometheus metrics on, such as 127.0.0.1:9090 (default: none)")
	flags.StringVar(&c.Telemetry.PprofAddr, "pprof-addr", "", "loopback `address` to serve profiles on, such as 127.0.0.1:6060 (default: none)")
	flags.BoolVar(&c.Telemetry.Traces, "traces", false, "send OpenTelemetry traces to the collector of OTEL_EXPORTER_OTLP_ENDPOINT")
	flags.StringVar(&c.Telemetry.OTLPEndpoint, "otlp-endpoint", "", "send OpenTelemetry traces to the collector at `URL`, over HTTP")
}

// The standard variables of OpenTelemetry. Alone they send nothing: other programs are often meant by them.
const (
	otlpEndpointVariable       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	otlpTracesEndpointVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	otlpHeadersVariable        = "OTEL_EXPORTER_OTLP_HEADERS"
)

// load takes what flags do not say of the collector from the standard variables.
func (t *Telemetry) load(environment Environment) {
	headers, _ := environment(otlpHeadersVariable)
	t.OTLPHeaders = NewSecret(headers)
	if t.OTLPEndpoint != "" {
		t.Traces = true
		return
	}
	t.OTLPEndpoint, _ = environment(otlpEndpointVariable)
	t.OTLPTracesEndpoint, _ = environment(otlpTracesEndpointVariable)
}
