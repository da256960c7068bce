package consent

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/tools"
)

// attack is one try to have money moved without anybody's consent.
type attack struct {
	name string
	make func(t *testing.T, b *bench, random *rand.Rand) error
}

func attacks() []attack {
	pass := func(t *testing.T, b *bench, call tools.GatedCall) error {
		t.Helper()
		_, err := b.gate.Pass(t.Context(), call)
		return err
	}
	good := func(t *testing.T, b *bench) string {
		t.Helper()
		return ask(t, b.gate, t.Context(), b.call("0.01")).Handle
	}
	return []attack{
		{"forged", func(t *testing.T, b *bench, random *rand.Rand) error {
			raw := make([]byte, rawBytes)
			for i := range raw {
				raw[i] = byte(random.Uint32())
			}
			return pass(t, b, confirmed(b.call("0.01"), handleVersion+base64.RawURLEncoding.EncodeToString(raw)))
		}},
		{"truncated", func(t *testing.T, b *bench, random *rand.Rand) error {
			handle := good(t, b)
			return pass(t, b, confirmed(b.call("0.01"), handle[:1+random.IntN(len(handle)-1)]))
		}},
		{"altered", func(t *testing.T, b *bench, random *rand.Rand) error {
			handle := []byte(good(t, b))
			at := random.IntN(len(handle))
			handle[at] ^= byte(1 + random.IntN(127))
			return pass(t, b, confirmed(b.call("0.01"), string(handle)))
		}},
		{"two halves", func(t *testing.T, b *bench, random *rand.Rand) error {
			one, two := good(t, b), good(t, b)
			cut := 10 + random.IntN(60)
			return pass(t, b, confirmed(b.call("0.01"), one[:cut]+two[cut:]))
		}},
		{"other caller", func(t *testing.T, b *bench, random *rand.Rand) error {
			ctx := tools.WithCaller(t.Context(), tools.Caller{ID: fmt.Sprint("mallory", random.IntN(9))})
			_, err := b.gate.Pass(ctx, confirmed(b.call("0.01"), good(t, b)))
			return err
		}},
		{"other arguments", func(t *testing.T, b *bench, random *rand.Rand) error {
			call := confirmed(b.call("0.01"), good(t, b))
			call.Arguments = fmt.Appendf(nil, `{"amount":"0.01","to":"mallory%d"}`, random.IntN(9))
			return pass(t, b, call)
		}},
		{"other key", func(t *testing.T, b *bench, random *rand.Rand) error {
			return pass(t, b, keyed(confirmed(b.call("0.01"), good(t, b)), strconv.Itoa(random.IntN(99))))
		}},
		{"other tool", func(t *testing.T, b *bench, _ *rand.Rand) error {
			call := confirmed(b.call("0.01"), good(t, b))
			call.Spec.Name = "delegate_payment_token"
			return pass(t, b, call)
		}},
		{"other amount, recipient or terms", func(t *testing.T, b *bench, random *rand.Rand) error {
			call := confirmed(b.call("0.01"), good(t, b))
			cost, recipient, terms := decimal.RequireFromString("0.01"), "bob", ""
			switch random.IntN(3) {
			case 0:
				cost = decimal.RequireFromString("0.02")
			case 1:
				recipient = "mallory"
			default:
				terms = "5 credits a token"
			}
			call.Preview = func(context.Context) (tools.Preview, error) {
				return tools.Preview{CostCredits: &cost, Recipient: recipient, Terms: terms}, nil
			}
			return pass(t, b, call)
		}},
		{"expired", func(t *testing.T, b *bench, random *rand.Rand) error {
			handle := good(t, b)
			b.clock.Advance(HandleLifetime + time.Duration(random.IntN(9999))*time.Second)
			return pass(t, b, confirmed(b.call("0.01"), handle))
		}},
		{"clock set back", func(t *testing.T, b *bench, _ *rand.Rand) error {
			handle := good(t, b)
			b.clock.Advance(-time.Hour)
			return pass(t, b, confirmed(b.call("0.01"), handle))
		}},
		{"of another server", func(t *testing.T, b *bench, _ *rand.Rand) error {
			other := newBench(t, MemoryJournal)
			return pass(t, b, confirmed(b.call("0.01"), ask(t, other.gate, t.Context(), b.call("0.01")).Handle))
		}},
		{"not a handle", func(t *testing.T, b *bench, random *rand.Rand) error {
			words := []string{"yes", "true", "c1", "accept", "' OR 1=1 --", "\x00", `{"action":"accept"}`, good(t, b) + "A"}
			return pass(t, b, confirmed(b.call("0.01"), words[random.IntN(len(words))]))
		}},
		{"not arguments", func(t *testing.T, b *bench, _ *rand.Rand) error {
			call := confirmed(b.call("0.01"), good(t, b))
			call.Arguments = json.RawMessage(`["amount"]`)
			return pass(t, b, call)
		}},
	}
}

func TestFiveHundredAttacksMoveNothing(t *testing.T) {
	b := newBench(t, MemoryJournal)
	random := rand.New(rand.NewPCG(1, 2))
	all := attacks()
	for i := range 500 {
		attack := all[i%len(all)]
		err := attack.make(t, b, random)
		if code := codeOf(err); code != tools.CodeConfirmationInvalid && code != tools.CodeInvalidArgument {
			t.Fatalf("attack %d, %s: code %q (%v)", i, attack.name, code, err)
		}
		wantCommits(t, b, 0)
	}
}

func TestReplayedHandlesMoveNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, place string) {
		b := newBench(t, place)
		handle := ask(t, b.gate, t.Context(), b.call("0.01")).Handle
		for range 20 {
			if _, err := b.gate.Pass(t.Context(), confirmed(b.call("0.01"), handle)); err != nil {
				t.Fatal(err)
			}
			b.clock.Advance(time.Hour)
		}
		wantCommits(t, b, 1)
	})
}
