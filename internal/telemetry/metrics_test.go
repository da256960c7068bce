package telemetry

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
)

// scrape reads the metrics as Prometheus would.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

// exercise makes every family have a value.
func exercise(m *Metrics) *Observer {
	o := NewObserver(m, nil)
	ctx := context.Background()
	_, ended := o.StartCall(ctx, "get_credits", "read")
	ended("ok")
	_, _ = o.StartCall(ctx, "search_agents", "read") // still running
	_, ended = o.StartCall(ctx, "delete_agent", "delete")
	ended("forbidden")
	o.CountUnknownTool("not_found")
	o.CountRequest("tools/call", false)
	o.CountRequest("initialize", true)
	o.CountRefusal("rate_limit")
	o.CountDecision("money", "succeeded")
	attempt := client.Attempt{Operation: "get agent", Class: client.Read, Method: http.MethodGet, Route: "/agents/{agent}", Number: 1}
	o.Attempt(ctx, attempt, http.Header{})(client.AttemptResult{StatusCode: 503, Duration: 20 * time.Millisecond})
	attempt.Number = 2
	for _, result := range []client.AttemptResult{
		{StatusCode: 200}, {Kind: client.ErrTimeout}, {Kind: client.ErrCanceled}, {Kind: client.ErrBadResponse, StatusCode: 200},
		{Kind: client.ErrUnavailable}, {Kind: client.ErrUnavailable, Refused: true},
	} {
		o.Attempt(ctx, attempt, http.Header{})(result)
	}
	m.Watch(Watch{
		Breaker: func() string { return "open" }, Sessions: func() int { return 3 },
		Streams: func() map[string]int { return map[string]int{"sse": 2, "http": 0} },
		Entries: func(context.Context) map[string]int { return map[string]int{"sent": 1} },
	})
	return o
}

func TestMetricsTellWhatHappened(t *testing.T) {
	t.Parallel()
	m := NewMetrics("1.2.3")
	if body := scrape(t, m); strings.Contains(body, "robutler_mcp_sessions") || !strings.Contains(body, `version="1.2.3"`) {
		t.Errorf("ahead of everything: %s", body)
	}
	exercise(m)
	body := scrape(t, m)
	for _, want := range []string{
		`robutler_mcp_tool_calls_total{class="read",code="ok",tool="get_credits"} 1`,
		`robutler_mcp_tool_calls_total{class="delete",code="forbidden",tool="delete_agent"} 1`,
		`robutler_mcp_tool_calls_total{class="unknown",code="not_found",tool="unknown"} 1`,
		`robutler_mcp_tool_call_duration_seconds_count{class="read",tool="get_credits"} 1`,
		`robutler_mcp_tool_calls_in_flight 1`,
		`robutler_mcp_requests_total{method="initialize",outcome="error"} 1`,
		`robutler_mcp_refusals_total{reason="rate_limit"} 1`,
		`robutler_mcp_platform_requests_total{method="GET",route="/agents/{agent}",status="503"} 1`,
		`robutler_mcp_platform_requests_total{method="GET",route="/agents/{agent}",status="timeout"} 1`,
		`robutler_mcp_platform_requests_total{method="GET",route="/agents/{agent}",status="canceled"} 1`,
		`robutler_mcp_platform_requests_total{method="GET",route="/agents/{agent}",status="bad_response"} 1`,
		`robutler_mcp_platform_requests_total{method="GET",route="/agents/{agent}",status="unavailable"} 1`,
		`robutler_mcp_platform_requests_total{method="GET",route="/agents/{agent}",status="breaker_open"} 1`,
		`robutler_mcp_platform_request_duration_seconds_count{method="GET",route="/agents/{agent}"} 6`,
		`robutler_mcp_platform_retries_total{method="GET",route="/agents/{agent}"} 5`,
		`robutler_mcp_platform_breaker_state{state="open"} 1`, `robutler_mcp_platform_breaker_state{state="closed"} 0`,
		`robutler_mcp_sessions 3`, `robutler_mcp_streams{transport="sse"} 2`, `robutler_mcp_journal_entries{state="sent"} 1`,
		`robutler_mcp_journal_decisions_total{class="money",outcome="succeeded"} 1`,
		"go_goroutines ", "process_cpu_seconds_total ",
	} {
		if !strings.Contains(body, want+"\n") && !strings.Contains(body, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
}

// TestEveryFamilyIsDescribed holds the description, which the documentation is made of, against what Prometheus reads.
func TestEveryFamilyIsDescribed(t *testing.T) {
	t.Parallel()
	m := NewMetrics("1")
	exercise(m)
	read := parse(t, scrape(t, m))
	for _, described := range m.Families() {
		family := read[described.Name]
		if len(family.GetMetric()) == 0 {
			t.Errorf("%s has no value", described.Name)
			continue
		}
		var labels []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, label.GetName())
		}
		slices.Sort(labels)
		if want := slices.Sorted(slices.Values(described.Labels)); !slices.Equal(labels, want) || described.Help != family.GetHelp() ||
			!strings.EqualFold(described.Type, family.GetType().String()) {
			t.Errorf("%+v is described, %v of %v is served", described, labels, family.GetType())
		}
		delete(read, described.Name)
	}
	for name := range read {
		if strings.HasPrefix(name, namespace) {
			t.Errorf("%s is not described", name)
		}
	}
}
