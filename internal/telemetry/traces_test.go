package telemetry

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/robutlerai/robutler-mcp/client"
)

// collector takes spans as a real one does.
type collector struct {
	*httptest.Server

	mu     sync.Mutex
	spans  []*tracepb.Span
	header http.Header
	raw    bytes.Buffer
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var data tracepb.TracesData
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(body, &data) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.header = r.Header.Clone()
		c.raw.Write(body)
		for _, resource := range data.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				c.spans = append(c.spans, scope.GetSpans()...)
			}
		}
	}))
	t.Cleanup(c.Close)
	return c
}

func attributes(span *tracepb.Span) map[string]string {
	values := map[string]string{}
	for _, attribute := range span.GetAttributes() {
		values[attribute.GetKey()] = fmt.Sprint(attribute.GetValue().GetStringValue(), attribute.GetValue().GetIntValue())
	}
	return values
}

const (
	traceID  = "0af7651916cd43dd8448eb211c80319c"
	parentID = "b7ad6b7169203331"
)

func parent(flags string) func(string) string {
	return func(name string) string {
		return map[string]string{
			"traceparent": "00-" + traceID + "-" + parentID + "-" + flags, "tracestate": "vendor=s3cr3t-state", "baggage": "key=s3cr3t-baggage",
		}[name]
	}
}

// call makes a traced call with one attempt and gives the headers that go to the platform.
func call(ctx context.Context, o *Observer, carrier func(string) string) http.Header {
	header := http.Header{}
	ctx, requestEnded := o.StartRequest(ctx, "tools/call", "get_agent", carrier)
	ctx, callEnded := o.StartCall(ctx, "get_agent", "read")
	o.Attempt(ctx, client.Attempt{Operation: "get agent", Method: http.MethodGet, Route: "/agents/{agent}", Number: 2}, header)(
		client.AttemptResult{StatusCode: http.StatusNotFound})
	callEnded("not_found")
	requestEnded(true)
	return header
}

func TestATraceGoesOnThroughTheServer(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	traces, err := OpenTraces(t.Context(), Collector{Address: c.URL + "/", Headers: map[string]string{"X-Collector-Key": "k"}}, "1.2.3", quiet())
	if err != nil {
		t.Fatal(err)
	}
	header := call(t.Context(), NewObserver(nil, traces), parent("01"))
	if err := traces.Close(); err != nil {
		t.Fatal(err)
	}
	if len(c.spans) != 3 || c.header.Get("X-Collector-Key") != "k" {
		t.Fatalf("%d spans, %v", len(c.spans), c.header)
	}
	attempt, tool, request := c.spans[0], c.spans[1], c.spans[2]
	if hex.EncodeToString(request.GetTraceId()) != traceID || hex.EncodeToString(request.GetParentSpanId()) != parentID ||
		!bytes.Equal(tool.GetParentSpanId(), request.GetSpanId()) || !bytes.Equal(attempt.GetParentSpanId(), tool.GetSpanId()) {
		t.Errorf("the spans do not hang together: %v", c.spans)
	}
	if got, want := header.Get("Traceparent"), fmt.Sprintf("00-%s-%x-01", traceID, attempt.GetSpanId()); got != want || len(header) != 1 {
		t.Errorf("the platform gets %v, want %s alone", header, want)
	}
	for span, want := range map[*tracepb.Span]map[string]string{
		request: {"mcp.method.name": "tools/call0", "gen_ai.tool.name": "get_agent0", "error.type": "error0"},
		tool:    {"gen_ai.tool.name": "get_agent0", "robutler.tool.class": "read0", "error.type": "not_found0"},
		attempt: {"http.request.method": "GET0", "url.template": "/api/agents/{agent}0", "http.response.status_code": "404",
			"http.request.resend_count": "1", "robutler.operation": "get agent0", "error.type": "4040"},
	} {
		if got := attributes(span); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", span.GetName(), got, want)
		}
	}
	if strings.Contains(c.raw.String(), "s3cr3t") {
		t.Error("what a client put beside the ids is sent on")
	}
}

func TestTheCallerDecidesWhatIsSampled(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	traces, err := OpenTraces(t.Context(), Collector{TracesAddress: c.URL + "/v1/traces"}, "1", quiet())
	if err != nil {
		t.Fatal(err)
	}
	o := NewObserver(nil, traces)
	unsampled := call(t.Context(), o, parent("00"))
	if got := unsampled.Get("Traceparent"); !strings.HasPrefix(got, "00-"+traceID) || !strings.HasSuffix(got, "-00") {
		t.Errorf("the decision is not passed on: %q", got)
	}
	call(t.Context(), o, func(string) string { return "" })
	call(t.Context(), o, func(string) string { return "00-made up\r\n" })
	if err := traces.Close(); err != nil {
		t.Fatal(err)
	}
	if len(c.spans) != 6 {
		t.Errorf("%d spans, want those of two calls", len(c.spans))
	}
}

func TestWithoutTracesNothingIsSentAlong(t *testing.T) {
	t.Parallel()
	if header := call(t.Context(), NewObserver(NewMetrics("1"), nil), parent("01")); len(header) != 0 {
		t.Errorf("%v", header)
	}
}

func TestACollectorThatFailsIsLoggedAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"refuses": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/", http.StatusTemporaryRedirect)
		},
	} {
		web := httptest.NewServer(answer)
		var log bytes.Buffer
		traces, err := OpenTraces(t.Context(), Collector{Address: web.URL}, "1", slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		call(t.Context(), NewObserver(nil, traces), parent("01"))
		if err := traces.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
		if !strings.Contains(log.String(), "spans were not sent") {
			t.Errorf("%s: %s", name, log.String())
		}
	}
}

func TestCollectors(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "localhost:4318", "ftp://localhost", "https://user:pw@localhost", "https://localhost/?key=x"} {
		if _, err := OpenTraces(t.Context(), Collector{TracesAddress: bad}, "1", quiet()); err == nil && bad != "" {
			t.Errorf("%s was taken", bad)
		}
	}
	headers, err := ParseHeaders("api-key=a%20b, x=c=d,")
	if err != nil || headers["api-key"] != "a b" || headers["x"] != "c=d" || len(headers) != 2 {
		t.Errorf("%v, %v", headers, err)
	}
	for _, bad := range []string{"novalue", "=x", "a=%zz"} {
		if _, err := ParseHeaders(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
