package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
)

func TestChatWholeAndStreamed(t *testing.T) {
	t.Parallel()
	c, _ := platform(t, sandbox.ProfileBoth)
	ask := client.ChatParams{Messages: []client.ChatMessage{{Role: "user", Content: "Guten Tag"}}}
	whole, err := c.Agents.Chat(t.Context(), "legal-translator", ask)
	if err != nil || !strings.Contains(whole.Content, "Guten Tag") || !strings.Contains(whole.Content, "not by a language model") || whole.Usage.TotalTokens == 0 {
		t.Fatalf("chat: %+v, %v", whole, err)
	}
	var text strings.Builder
	var last client.ChatDelta
	parts := 0
	for delta, err := range c.Agents.ChatStream(t.Context(), "legal-translator", ask) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(delta.Content)
		last = delta
		parts++
	}
	if text.String() != whole.Content || !last.Done || last.FinishReason != "stop" || last.Usage != whole.Usage || parts < 10 {
		t.Errorf("stream of %d parts: %q, %+v", parts, text.String(), last)
	}
	after, err := c.User.Credits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	price := credits("0.00003").Mul(decimal.NewFromInt(2 * whole.Usage.TotalTokens))
	if !after.Available.Equal(credits("87.4215").Sub(price)) {
		t.Errorf("the balance is %s after %s", after.Available, price)
	}
	if _, err := c.Agents.Chat(t.Context(), "nobody", ask); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := c.Agents.Chat(t.Context(), "legal-translator", client.ChatParams{}); !errors.Is(err, client.ErrInvalidArgument) {
		t.Errorf("nothing: %v", err)
	}
}

// TestLeavingAStreamEndsIt stops reading and sees the request given up.
func TestLeavingAStreamEndsIt(t *testing.T) {
	t.Parallel()
	c, _ := platform(t, sandbox.ProfileBoth)
	for delta, err := range c.Agents.ChatStream(t.Context(), "legal-translator", client.ChatParams{Messages: []client.ChatMessage{{Role: "user", Content: "hello"}}}) {
		if err != nil || delta.Content == "" {
			t.Errorf("%+v, %v", delta, err)
		}
		break
	}
	if _, err := c.User.Get(t.Context()); err != nil {
		t.Errorf("the client is of no use any more: %v", err)
	}
}
