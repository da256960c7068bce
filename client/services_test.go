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
			if (profile == sandbox.Profile2026) != errors.Is(err, client.ErrNotFound) || (err == nil && len(similar) != 3) {
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

// mintFor makes a payment token through the route that only the embedded platform documents: exchange.
func mintFor(t *testing.T, c *client.Client) string {
	t.Helper()
	header, err := client.PaymentPayload{Scheme: "exact", Network: "base-mainnet", Payload: map[string]string{"signature": t.Name()}}.Header()
	if err != nil {
		t.Fatal(err)
	}
	bought, err := c.Facilitator.Exchange(t.Context(), header,
		client.PaymentRequirements{Scheme: "exact", Network: "base-mainnet", MaxAmountRequired: "10", PayTo: "exchange"},
		client.ExchangeOutput{Scheme: client.SchemeToken, Network: client.NetworkRobutler, Amount: "9.8"})
	if err != nil || !bought.AmountCredits.Equal(credits("9.8")) {
		t.Fatalf("exchange: %+v, %v", bought, err)
	}
	return bought.Token
}

func TestPaymentsFromTokenToCharge(t *testing.T) {
	t.Parallel()
	c, _ := platform(t, sandbox.ProfileBoth)
	ctx := t.Context()
	token := mintFor(t, c)
	if balance, err := c.Tokens.Balance(ctx, token); err != nil || !balance.Equal(credits("9.8")) {
		t.Errorf("balance: %s, %v", balance, err)
	}
	lock, err := c.Tokens.Lock(ctx, token, credits("2"))
	if err != nil || !lock.AmountCredits.Equal(credits("2")) {
		t.Fatalf("lock: %+v, %v", lock, err)
	}
	if more, err := c.Tokens.ExtendLock(ctx, lock.ID, credits("0.5")); err != nil || !more.AmountCredits.Equal(credits("2.5")) {
		t.Errorf("extend: %+v, %v", more, err)
	}
	amount := credits("1.25")
	for attempt := range 2 {
		settled, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: lock.ID, AmountCredits: &amount, IdempotencyKey: "once", ChargeType: client.ChargeAgentFee})
		if err != nil || !settled.ChargedCredits.Equal(amount) || !settled.RemainingCredits.Equal(amount) || settled.Replayed != (attempt == 1) || settled.Partial {
			t.Errorf("settle %d: %+v, %v", attempt, settled, err)
		}
	}
	usage := []client.UsageRecord{
		{Type: "llm", Model: "gpt-4o-mini", PromptTokens: 1000, CompletionTokens: 500},
		{Type: "tool", ToolName: "x", Pricing: &client.UsagePricing{Credits: credits("0.01")}},
	}
	if settled, err := c.Tokens.Settle(ctx, client.SettleParams{Token: token, Usage: usage}); err != nil || !settled.ChargedCredits.Equal(credits("0.01045")) {
		t.Errorf("usage: %+v, %v", settled, err)
	}
	if _, err := c.Tokens.Settle(ctx, client.SettleParams{LockID: lock.ID, Release: true}); err != nil {
		t.Errorf("release: %v", err)
	}
	delegated, err := c.Tokens.Delegate(ctx, client.DelegateParams{ParentToken: token, DelegateTo: "chart-maker", AmountCredits: credits("1")})
	if err != nil || delegated.Token == "" || !delegated.AmountCredits.Equal(credits("1")) {
		t.Fatalf("delegate: %+v, %v", delegated, err)
	}
	if status, err := c.Tokens.Verify(ctx, delegated.Token, "somebody"); err != nil || status.Valid || status.Reason == "" {
		t.Errorf("another audience: %+v, %v", status, err)
	}
	if redeemed, err := c.Tokens.Redeem(ctx, client.RedeemParams{Token: delegated.Token, AmountCredits: credits("0.4")}); err != nil || !redeemed.AmountCredits.Equal(credits("0.4")) {
		t.Errorf("redeem: %+v, %v", redeemed, err)
	}
	if _, err := c.Tokens.Redeem(ctx, client.RedeemParams{Token: "tok_none:none", AmountCredits: credits("1")}); err == nil || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("redeem nonsense: %v", err)
	}
	if status, err := c.Tokens.Validate(ctx, "nonsense"); err != nil || status.Valid {
		t.Errorf("validate nonsense: %+v, %v", status, err)
	}
	if _, err := c.Tokens.Balance(ctx, "nonsense"); !errors.Is(err, client.ErrRejected) {
		t.Errorf("balance of nonsense: %v", err)
	}
}

func TestFacilitator(t *testing.T) {
	t.Parallel()
	c, _ := platform(t, sandbox.ProfileBoth)
	ctx := t.Context()
	header, err := client.NewTokenPayment(mintFor(t, c), credits("1")).Header()
	if err != nil {
		t.Fatal(err)
	}
	wants := client.PaymentRequirements{Scheme: client.SchemeToken, Network: client.NetworkRobutler, MaxAmountRequired: "1", PayTo: "x", Resource: "/r"}
	if status, err := c.Facilitator.Verify(ctx, header, wants); err != nil || !status.Valid || !status.BalanceCredits.Equal(credits("9.8")) {
		t.Errorf("verify: %+v, %v", status, err)
	}
	if settled, err := c.Facilitator.Settle(ctx, header, wants); err != nil || settled.TransactionID == "" || !settled.ChargedCredits.Equal(credits("1")) {
		t.Errorf("settle: %+v, %v", settled, err)
	}
	wants.MaxAmountRequired = "1000"
	if status, err := c.Facilitator.Verify(ctx, header, wants); err != nil || status.Valid {
		t.Errorf("too much: %+v, %v", status, err)
	}
	if _, err := c.Facilitator.Settle(ctx, header, wants); !errors.Is(err, client.ErrRejected) {
		t.Errorf("settle too much: %v", err)
	}
	if schemes, err := c.Facilitator.Supported(ctx); err != nil || len(schemes) != 2 || schemes[0].Scheme != client.SchemeToken {
		t.Errorf("supported: %+v, %v", schemes, err)
	}
	if rates, err := c.Facilitator.ExchangeRates(ctx); err != nil || len(rates) != 3 || !rates[0].Fee.Equal(credits("0.02")) || rates[0].Input != "exact:base-mainnet:USDC" {
		t.Errorf("rates: %+v, %v", rates, err)
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
		"lock nothing":       func() error { _, err := c.Tokens.Lock(ctx, "t", none); return err },
		"lock too finely":    func() error { _, err := c.Tokens.Lock(ctx, "t", credits("0.0000000001")); return err },
		"extend by less":     func() error { _, err := c.Tokens.ExtendLock(ctx, "l", credits("-1")); return err },
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
