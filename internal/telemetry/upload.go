package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// DefaultCollector is where collectors of OTLP over HTTP listen.
const DefaultCollector = "http://localhost:4318"

const (
	tracesPath    = "/v1/traces"
	uploadTimeout = 10 * time.Second
)

// Collector is who takes the spans, over OTLP in HTTP with protobuf.
type Collector struct {
	// Address is that of all signals, which /v1/traces is added to; or TracesAddress is taken as it is.
	Address, TracesAddress string
	// Headers go with every upload, such as the collector's own key.
	Headers map[string]string
}

// ParseHeaders reads headers as OTEL_EXPORTER_OTLP_HEADERS has them: name=value, separated by commas, with the values
// escaped as in a URL.
func ParseHeaders(text string) (map[string]string, error) {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		unescaped, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !found || name == "" || err != nil {
			return nil, errors.New("read the collector's headers: they must look like name=value,name=value")
		}
		headers[name] = unescaped
	}
	return headers, nil
}

// target gives where spans are posted to.
func (c Collector) target() (string, error) {
	address := c.TracesAddress
	if address == "" {
		address = strings.TrimRight(c.Address, "/") + tracesPath
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.RawQuery != "" || parsed.User != nil {
		return "", errors.New("send traces: the collector's address must look like " + DefaultCollector + ", with its key in OTEL_EXPORTER_OTLP_HEADERS")
	}
	return address, nil
}

// uploads posts spans. The exporter of OpenTelemetry would bring the libraries of Protocol Buffers and gRPC along.
type uploads struct {
	address string
	headers map[string]string
	web     *http.Client
}

func newUploads(collector Collector) (*uploads, error) {
	address, err := collector.target()
	if err != nil {
		return nil, err
	}
	return &uploads{address: address, headers: collector.Headers, web: &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute},
		Timeout:       uploadTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Shutdown closes the connection.
func (u *uploads) Shutdown(context.Context) error {
	u.web.CloseIdleConnections()
	return nil
}

// ExportSpans posts spans once: traces are worth no queue of their own.
func (u *uploads) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.address, bytes.NewReader(encodeSpans(spans)))
	if err != nil {
		return fmt.Errorf("prepare upload: %w", err)
	}
	for name, value := range u.headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := u.web.Do(request)
	if err != nil {
		return fmt.Errorf("post spans: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection serves again
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("post spans: the collector answered with HTTP %d", response.StatusCode)
	}
	return nil
}
