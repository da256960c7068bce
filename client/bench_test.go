package client_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/samples"
)

// canned answers every request at once, so that only the client's own work is measured.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		ContentLength: int64(len(c)), Body: io.NopCloser(bytes.NewReader(c)),
	}, nil
}

// TestASmallCallAllocatesLittle holds what a list of two agents takes, resty's share of about 35 and that of the test
// included.
func TestASmallCallAllocatesLittle(t *testing.T) {
	c, err := client.New(client.WithAPIKey("rok_0123456789"), client.WithBaseURL("http://127.0.0.1:1"), client.WithTransport(canned(samples.Small())))
	if err != nil {
		t.Fatal(err)
	}
	const most = 85
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Agents.List(t.Context(), client.AgentListOptions{}) }); n > most {
		t.Errorf("a call takes %v allocations, at most %d are meant", n, most)
	}
}

// BenchmarkDecode lists agents: a request, its answer read and decoded, without a network.
func BenchmarkDecode(b *testing.B) {
	for name, body := range map[string][]byte{
		"small": samples.Small(), "large": samples.Large(),
	} {
		b.Run(name, func(b *testing.B) {
			c, err := client.New(client.WithAPIKey("rok_0123456789"), client.WithBaseURL("http://127.0.0.1:1"), client.WithTransport(canned(body)))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				page, err := c.Agents.List(b.Context(), client.AgentListOptions{Limit: samples.LargeRows})
				if err != nil || len(page.Items) == 0 {
					b.Fatal(page, err)
				}
			}
		})
	}
}
