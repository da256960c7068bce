package cli

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/consent"
	"github.com/robutlerai/robutler-mcp/internal/server"
	"github.com/robutlerai/robutler-mcp/tools"
)

// TestPaymentsEndAfterTheDrain: over HTTP a payment has all its time once connections are closed, and elsewhere what is left
// of the drain.
func TestPaymentsEndAfterTheDrain(t *testing.T) {
	t.Parallel()
	const drain = 10 * time.Second
	for name, test := range map[string]struct {
		after, least, most time.Duration
	}{
		"stdio": {0, shortestClose, drain},
		"http":  {consent.CallTimeout, consent.CallTimeout, drain + consent.CallTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalog, err := tools.NewCatalog(tools.Platform{})
			if err != nil {
				t.Fatal(err)
			}
			served, err := server.New(server.Options{Catalog: catalog, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			r := &session{server: served, afterDrain: test.after}
			if got := r.closeTime(); got != consent.CallTimeout {
				t.Errorf("without a drain: %s", got)
			}
			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, end := context.WithCancel(t.Context())
			end()
			if err := served.ServeListener(ctx, listener, server.HTTPOptions{}); err != nil {
				t.Fatal(err)
			}
			if got := r.closeTime(); got < test.least || got > test.most {
				t.Errorf("after the drain: %s", got)
			}
		})
	}
}
