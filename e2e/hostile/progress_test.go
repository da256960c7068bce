package hostile

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	progressRuns = 200
	// uploadSize makes upload_content report its first step and its end in the same few milliseconds, just before the
	// result. Reports between may be left out to keep to ten a second; these two may not.
	uploadSize = 1 << 20
	firstStep  = 256 << 10
	// sdkQueue is how long the SDK may take to hand on what it has read: it has a queue for notifications, and none for
	// results.
	sdkQueue = 2 * time.Second
)

// TestProgressComesFirst lets a tool report right before it returns: no report may be lost, or come after the result.
func TestProgressComesFirst(t *testing.T) {
	platform := openGateway(t)
	platform.answerUploads()
	var rows []row
	for _, version := range []string{"2025-11-25", modernVersion} {
		rows = append(rows, row{
			fault: "reports before the result: go-sdk " + version, limit: "0 of 200 lost", over: []string{"stdio", "http", "sse"},
			probe: func(t *testing.T, over string) string { return sdkProgress(t, platform, over, version) },
		})
	}
	rows = append(rows, row{
		fault: "reports before the result: the wire itself", limit: "0 of 200 lost or late", over: everywhere(),
		probe: func(t *testing.T, over string) string { return rawProgress(t, platform, over) },
	})
	try(t, "Notifications before the result", rows)
}

// answerUploads lets the gateway take every upload without keeping it.
func (g *gateway) answerUploads() {
	next := g.forward
	g.forward = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/api/content") {
			next.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id":"11111111-2222-4333-8444-555555555555","filename":"large.bin","original_filename":"large.bin",`+
			`"size":%d,"content_type":"application/octet-stream","visibility":"private","url":"/api/content/public/x","created_at":"2026-01-01T00:00:00Z"}`, uploadSize)
	})
}

// uploading gives the settings of a server that may read a large file, and the arguments that upload it.
func uploading(t *testing.T, platform *gateway) (settings, map[string]any) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "large.bin")
	if err := os.WriteFile(path, make([]byte, uploadSize), 0o600); err != nil {
		t.Fatal(err)
	}
	return offering(platform, "--upload-root", folder), map[string]any{"path": path}
}

// reports gathers what came for each token.
type reports struct {
	mu   sync.Mutex
	seen map[any][]float64
}

func (r *reports) add(params *mcp.ProgressNotificationParams) {
	r.mu.Lock()
	defer r.mu.Unlock()
	token := fmt.Sprint(params.ProgressToken)
	r.seen[token] = append(r.seen[token], params.Progress)
}

// complete reports whether the first and the last report of a call came.
func (r *reports) complete(token string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen[token]
	return len(seen) > 1 && seen[0] == firstStep && seen[len(seen)-1] == uploadSize
}

func (r *reports) total() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, seen := range r.seen {
		n += len(seen)
	}
	return n
}

// sdkConnect connects the official SDK.
func sdkConnect(t *testing.T, over, version string, given settings, heard *reports) *mcp.ClientSession {
	t.Helper()
	var transport mcp.Transport
	switch over {
	case "stdio":
		transport = &mcp.CommandTransport{Command: given.prepare(t, "stdio")}
	case "http":
		transport = &mcp.StreamableClientTransport{Endpoint: "http://" + startHTTP(t, given).address + "/mcp"}
	default:
		transport = &mcp.SSEClientTransport{Endpoint: "http://" + startHTTP(t, given).address + "/sse"}
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "hostile", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, request *mcp.ProgressNotificationClientRequest) { heard.add(request.Params) },
	})
	session, err := client.Connect(context.WithoutCancel(t.Context()), transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func sdkProgress(t *testing.T, platform *gateway, over, version string) string {
	given, arguments := uploading(t, platform)
	heard := &reports{seen: map[any][]float64{}}
	session := sdkConnect(t, over, version, given, heard)
	lost, queued := 0, 0
	for i := range progressRuns {
		token := fmt.Sprintf("run-%d", i)
		params := &mcp.CallToolParams{Name: "upload_content", Arguments: arguments}
		params.SetProgressToken(token)
		result, err := session.CallTool(t.Context(), params)
		if err != nil || result.IsError {
			t.Fatalf("run %d: %v %+v", i, err, result)
		}
		if heard.complete(token) {
			continue
		}
		queued++
		for began := time.Now(); !heard.complete(token) && time.Since(began) < sdkQueue; {
			time.Sleep(time.Millisecond)
		}
		if !heard.complete(token) {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d runs lose a report", lost, progressRuns)
	}
	return fmt.Sprintf("%d of %d lost, %d reports, %d times still in the SDK's queue", lost, progressRuns, heard.total(), queued)
}

// rawProgress reads the wire itself: there, nothing comes between what the server sends and what is seen.
func rawProgress(t *testing.T, platform *gateway, over string) string {
	given, arguments := uploading(t, platform)
	w := dial(t, over, given)
	late, total := 0, 0
	for i := range progressRuns {
		id := fmt.Sprint(i + 1)
		message := call(w, id, "upload_content", fmt.Sprintf(`{"path":%q}`, arguments["path"]))
		if strings.Contains(message, `"_meta":{`) {
			message = strings.Replace(message, `"_meta":{`, `"_meta":{"progressToken":`+id+`,`, 1)
		} else {
			message = strings.TrimSuffix(message, "}}") + `,"_meta":{"progressToken":` + id + `}}}`
		}
		answer := ask(t, w, message, id)
		answer.good(t)
		total += answer.before
		if answer.before < 2 {
			late++
		}
	}
	if late > 0 {
		t.Errorf("%d of %d results come without the reports before them", late, progressRuns)
	}
	return fmt.Sprintf("%d of %d lost or late, %d reports", late, progressRuns, total)
}
