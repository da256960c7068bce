package server

import (
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
)

// Whoever waits for the first answer is told over every transport, and not ahead of it.
func TestAnswersAreTold(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]connect{"stdio": overStdio, "sse": overSSE, "http": overHTTP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newTestServer(t, newFakes())
			told := make(chan struct{}, 100)
			s.answered = func() { told <- struct{}{} }
			asking := client.NewClient(open(t, s))
			if err := asking.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = asking.Close() }()
			select {
			case <-told:
				t.Error("told ahead of the first request")
			default:
			}
			asked := mcp.InitializeRequest{}
			asked.Params.ProtocolVersion = "2025-06-18"
			if _, err := asking.Initialize(t.Context(), asked); err != nil {
				t.Fatal(err)
			}
			receive(t, told, "the first answer")
		})
	}
}
