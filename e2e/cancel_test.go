package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestClientsSurviveTheirCancellations gives up calls that the platform sits on. That there is no answer must not break
// the session of a client, whatever it speaks.
func TestClientsSurviveTheirCancellations(t *testing.T) {
	address, key, found := strings.Cut(strings.Join(platform(t, "GET /api/* delay=50s"), "\n"), "\n")
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.TrimPrefix(key, "WEBAGENTS_API_KEY=")), 0o600); err != nil || !found {
		t.Fatal(err)
	}
	flags := []string{"--base-url", strings.TrimPrefix(address, "ROBUTLER_API_URL="), "--api-key-file", file}
	for name, open := range map[string]func() mcp.Transport{
		"stdio": func() mcp.Transport {
			return &mcp.CommandTransport{Command: command(context.Background(), t, append([]string{"stdio"}, flags...)...)}
		},
		"http": func() mcp.Transport {
			return &mcp.StreamableClientTransport{Endpoint: "http://" + serve(t, flags...).address + "/mcp"}
		},
		"sse": func() mcp.Transport {
			return &mcp.SSEClientTransport{Endpoint: "http://" + serve(t, flags...).address + "/sse"}
		},
	} {
		for _, era := range eras() {
			t.Run(name+"/"+era.name, func(t *testing.T) {
				session := connect(t, open(), era.version)
				for range 3 {
					ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
					if _, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "list_agents"}); !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("the call ended with %v", err)
					}
					cancel()
					if listed, err := session.ListTools(t.Context(), nil); err != nil || len(listed.Tools) == 0 {
						t.Fatalf("the session is broken: %v", err)
					}
				}
				time.Sleep(300 * time.Millisecond) // the client says beside everything else that it gives up
			})
		}
	}
}
