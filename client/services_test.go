package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
)

// platform starts an embedded platform and gives clients of its demo user and of the owner of legal-translator.
func platform(t testing.TB, profile sandbox.Profile) (c *client.Client, base string) {
	t.Helper()
	p, err := sandbox.Open(context.Background(), sandbox.Options{
		Database: sandbox.MemoryDatabase, Profile: profile,
		Now: func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	c, err = client.New(client.WithAPIKey(p.UserKey()), client.WithBaseURL(server.URL), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	return c, server.URL
}

func credits(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// TestTheLifeOfAnAgent walks an agent from its creation to its end, on each generation of the platform.
func TestTheLifeOfAnAgent(t *testing.T) {
	t.Parallel()
	for _, profile := range []sandbox.Profile{sandbox.ProfileBoth, sandbox.Profile2025, sandbox.Profile2026} {
		t.Run("profile "+string(profile), func(t *testing.T) {
			t.Parallel()
			c, _ := platform(t, profile)
			ctx := t.Context()
			created, err := c.Agents.Create(ctx, client.AgentCreateParams{Name: "tulips", Instructions: "Know tulips.", Description: "Knows tulips", IsPublic: true})
			if err != nil || created.RawAPIKey == "" {
				t.Fatalf("create: %+v, %v", created, err)
			}
			model, greeting := "gpt-4o", "Hello"
			updated, err := c.Agents.Update(ctx, created.ID, client.AgentUpdateParams{Model: &model, GreetingMessage: &greeting})
			if err != nil || updated.Model != model || updated.Instructions != "Know tulips." || updated.GreetingMessage != greeting {
				t.Errorf("update: %+v, %v", updated, err)
			}
			if got, err := c.Agents.GetByName(ctx, "tulips"); err != nil || got.ID != created.ID {
				t.Errorf("by name: %+v, %v", got, err)
			}
			key, err := c.Agents.APIKey(ctx, created.ID)
			if err != nil || (profile != sandbox.Profile2026 && key.RawKey != created.RawAPIKey) || (profile == sandbox.Profile2026 && key.RawKey != "") {
				t.Errorf("key: %+v, %v", key, err)
			}
			if fresh, err := c.Agents.RegenerateAPIKey(ctx, "tulips"); err != nil || fresh.RawKey == created.RawAPIKey || !strings.HasPrefix(fresh.RawKey, "rok_") {
				t.Errorf("regenerate: %+v, %v", fresh, err)
			}
			if published, err := c.Intents.Publish(ctx, []client.IntentPublication{{Text: "identify a tulip", AgentID: created.ID}}); err != nil || len(published) != 1 || published[0].Error != "" {
				t.Errorf("publish: %+v, %v", published, err)
			}
			if intents, err := c.Agents.Intents(ctx, "tulips"); err != nil || len(intents) != 1 || intents[0].Text != "identify a tulip" {
				t.Errorf("intents: %+v, %v", intents, err)
			}
			if found, err := c.Intents.Search(ctx, "translate a contract", 3); err != nil || len(found) == 0 || found[0].AgentName != "legal-translator" {
				t.Errorf("search intents: %+v, %v", found, err)
			}
			if found, err := c.Agents.Discover(ctx, []string{"sql", "charts"}, 5); err != nil || len(found) < 2 {
				t.Errorf("discover: %+v, %v", found, err)
			}
			similar, err := c.Agents.FindSimilar(ctx, "legal-translator", 3)
			if (profile == sandbox.Profile2026) != errors.Is(err, client.ErrUnsupported) || (err == nil && len(similar) != 3) {
				t.Errorf("similar: %+v, %v", similar, err)
			}
			if done, err := c.Agents.Delete(ctx, "tulips"); err != nil || done.AlreadyAbsent {
				t.Errorf("delete: %+v, %v", done, err)
			}
			if _, err := c.Agents.Get(ctx, created.ID); !errors.Is(err, client.ErrNotFound) {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

func TestContentIsReadAndDeleted(t *testing.T) {
	t.Parallel()
	c, _ := platform(t, sandbox.ProfileBoth)
	file, err := c.Content.Upload(t.Context(), client.BytesUpload("notes.txt", []byte("hello")))
	if err != nil {
		t.Fatal(err)
	}
	data, err := c.Content.Read(t.Context(), file.ID)
	if text, ok := data.Text(); err != nil || !ok || text != "hello" || !strings.HasPrefix(data.File.ContentType, "application/octet-stream") {
		t.Errorf("read: %+v, %v", data, err)
	}
	if open, err := c.Content.AgentAccess(t.Context(), ""); err != nil || len(open) != 2 {
		t.Errorf("agent access: %+v, %v", open, err)
	}
	page, err := c.Content.ListOfAgent(t.Context(), "recipe-muse", "price", 1, client.Cursor{})
	if err != nil || len(page.Items) != 1 || page.Items[0].Name != "price-list.csv" {
		t.Fatalf("of an agent: %+v, %v", page, err)
	}
	prices, err := c.Content.ReadOfAgent(t.Context(), "recipe-muse", page.Items[0].ID)
	if text, ok := prices.Text(); err != nil || !ok || !strings.Contains(text, "rye bread") || prices.File.Name != "price-list.csv" {
		t.Errorf("read of an agent: %+v, %v", prices, err)
	}
	if done, err := c.Content.Delete(t.Context(), file.ID); err != nil || done.AlreadyAbsent {
		t.Errorf("delete: %+v, %v", done, err)
	}
	if _, err := c.Content.Read(t.Context(), file.ID); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("after the end: %v", err)
	}
}

func TestKeysAreMadeAndRevoked(t *testing.T) {
	t.Parallel()
	c, base := platform(t, sandbox.ProfileBoth)
	key, err := c.APIKeys.Create(t.Context(), "ci")
	if err != nil || key.ID == "" || key.Name != "ci" {
		t.Fatalf("create: %+v, %v", key, err)
	}
	other := newClient(t, base, client.WithAPIKey(key.RawKey))
	if ok, err := other.User.ValidateKey(t.Context()); err != nil || !ok {
		t.Errorf("validate: %t, %v", ok, err)
	}
	if _, err := c.APIKeys.Delete(t.Context(), key.ID); err != nil {
		t.Error(err)
	}
	if ok, err := other.User.ValidateKey(t.Context()); err != nil || ok {
		t.Errorf("validate a revoked key: %t, %v", ok, err)
	}
	if err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestArgumentsAreRefusedBeforeSending gives every operation something that cannot be sent.
func TestArgumentsAreRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	c := serveJSONCounting(t, &sent)
	ctx := t.Context()
	one, none := credits("1"), credits("0")
	for name, attempt := range map[string]func() error{
		"update nothing":     func() error { _, err := c.Agents.Update(ctx, "a", client.AgentUpdateParams{}); return err },
		"discover nothing":   func() error { _, err := c.Agents.Discover(ctx, nil, 0); return err },
		"search nothing":     func() error { _, err := c.Agents.Search(ctx, " ", client.AgentSearchOptions{}); return err },
		"create nothing":     func() error { _, err := c.Agents.Create(ctx, client.AgentCreateParams{Name: "a"}); return err },
		"delete up":          func() error { _, err := c.Agents.Delete(ctx, ".."); return err },
		"key without a name": func() error { _, err := c.APIKeys.Create(ctx, " "); return err },
		"validate nothing":   func() error { _, err := c.Tokens.Validate(ctx, ""); return err },
		"validate NUL":       func() error { _, err := c.Tokens.Validate(ctx, "t\x00"); return err },
		"redeem an escape": func() error {
			_, err := c.Tokens.Redeem(ctx, client.RedeemParams{Token: "t\x1b[31m", AmountCredits: one})
			return err
		},
		"lock nothing":    func() error { _, err := c.Tokens.Lock(ctx, "t", none); return err },
		"lock too finely": func() error { _, err := c.Tokens.Lock(ctx, "t", credits("0.0000000001")); return err },
		"extend by less":  func() error { _, err := c.Tokens.ExtendLock(ctx, "l", credits("-1")); return err },
		"settle two": func() error {
			_, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: "l", Token: "t", AmountCredits: &one})
			return err
		},
		"settle no amount": func() error { _, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: "l"}); return err },
		"settle a tool fee": func() error {
			_, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: "l", AmountCredits: &one, ChargeType: "tool_fee"})
			return err
		},
		"settle a bad key": func() error {
			_, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: "l", AmountCredits: &one, IdempotencyKey: "a b"})
			return err
		},
		"redeem nothing": func() error { _, err := c.Tokens.Redeem(ctx, client.RedeemParams{Token: "t"}); return err },
		"delegate to a path": func() error {
			_, err := c.Tokens.Delegate(ctx, client.DelegateParams{ParentToken: "t", DelegateTo: "a/b", AmountCredits: one})
			return err
		},
		"pay with no header": func() error { _, err := c.Facilitator.Settle(ctx, "", client.PaymentRequirements{}); return err },
		"publish nothing":    func() error { _, err := c.Intents.Publish(ctx, nil); return err },
		"publish for nobody": func() error { _, err := c.Intents.Publish(ctx, []client.IntentPublication{{Text: "x"}}); return err },
		"publish a bad URL": func() error {
			return errorOf(c.Intents.Publish(ctx, []client.IntentPublication{{Text: "x", AgentID: "a", URL: "nowhere"}}))
		},
		"create no intent":    func() error { return c.Intents.Create(ctx, "a", nil, "") },
		"search intents":      func() error { _, err := c.Intents.Search(ctx, "", 0); return err },
		"chat without a word": func() error { _, err := c.Agents.Chat(ctx, "a", client.ChatParams{}); return err },
	} {
		if err := attempt(); !errors.Is(err, client.ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := sent.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func errorOf[T any](_ T, err error) error { return err }

func serveJSONCounting(t *testing.T, sent *atomic.Int64) *client.Client {
	t.Helper()
	return serveJSON(t, func(*http.Request) (int, string) {
		sent.Add(1)
		return 200, fmt.Sprintf(`{"n":%d}`, sent.Load())
	})
}

// TestALostAnswerIsReadBack lets the answers to writes be lost after the platform acted on them.
func TestALostAnswerIsReadBack(t *testing.T) {
	t.Parallel()
	var faults []sandbox.Fault
	for _, text := range []string{"POST /api/agents reset after", "POST /api/content/upload reset after", "PATCH /api/agents/* reset after", "DELETE /api/agents/* reset after", "DELETE /api/content/* reset after", "DELETE /api/api-keys/* reset after"} {
		fault, err := sandbox.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, fault)
	}
	p, err := sandbox.Open(t.Context(), sandbox.Options{Database: sandbox.MemoryDatabase, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p.Handler())
	defer func() {
		server.Close()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := newClient(t, server.URL, client.WithAPIKey(p.UserKey()))
	ctx := t.Context()
	created, err := c.Agents.Create(ctx, client.AgentCreateParams{Name: "lost", Instructions: "Be found."})
	if err != nil || !created.Reconciled || created.RawAPIKey != "" || created.ID == "" {
		t.Fatalf("create: %v, %v", created, err)
	}
	model := "gpt-4o"
	if agent, err := c.Agents.Update(ctx, created.ID, client.AgentUpdateParams{Model: &model}); err != nil || agent.Model != model {
		t.Errorf("update: %+v, %v", agent, err)
	}
	if done, err := c.Agents.Delete(ctx, created.ID); err != nil || !done.AlreadyAbsent {
		t.Errorf("delete: %+v, %v", done, err)
	}
	file, err := c.Content.Upload(ctx, client.BytesUpload("x", []byte("y")))
	if err != nil || !file.Reconciled || file.ID == "" {
		t.Fatalf("upload: %+v, %v", file, err)
	}
	if done, err := c.Content.Delete(ctx, file.ID); err != nil || !done.AlreadyAbsent {
		t.Errorf("delete file: %+v, %v", done, err)
	}
	key, err := c.APIKeys.Create(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	if done, err := c.APIKeys.Delete(ctx, key.ID); err != nil || !done.AlreadyAbsent {
		t.Errorf("delete key: %+v, %v", done, err)
	}
}

// TestSecretsDoNotPrint prints everything that holds a secret, in every way.
func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	key := client.CreatedKey{RawKey: "rok_canary"}
	for _, value := range []any{
		&key, &client.CreatedAgent{RawAPIKey: "rok_canary"}, &client.DelegatedToken{Token: "canary"}, &client.Exchange{Token: "canary"}, newClient(t, "http://127.0.0.1:1"),
	} {
		if text := fmt.Sprintf("%v %+v %#v %s", value, value, value, value); strings.Contains(text, "canary") {
			t.Errorf("%T prints %s", value, text)
		}
	}
}
