package hostile

import (
	"fmt"
	"testing"
)

// idRows are about the ids of requests.
func idRows(platform *gateway) []row {
	return []row{
		{fault: "ids that clients may choose", limit: "echoed exactly", over: everywhere(), probe: func(t *testing.T, over string) string {
			return echoedIDs(t, platform, over)
		}},
		{fault: "ids that are none", limit: "-32600", over: everywhere(), probe: func(t *testing.T, over string) string { return wrongIDs(t, platform, over) }},
		{fault: "an id that is in use", limit: "-32600, the first goes on", over: []string{overStdio, overSSE}, probe: func(t *testing.T, over string) string {
			return idInUse(t, platform, over)
		}},
		{fault: "a payment under an id that is in use", limit: "-32600, 1 payment", over: []string{overStdio, overSSE}, probe: func(t *testing.T, over string) string {
			return paymentInUse(t, platform, over)
		}},
	}
}

func echoedIDs(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	ids := []string{
		"9007199254740993", "-9007199254740993", "9223372036854775807", "9007199254740992", "0", "-1",
		`"9007199254740993"`, `"1"`, `""`, `"a b"`, `"<a&b>"`, `"é"`,
	}
	for _, id := range ids {
		if answer := ask(t, w, w.encode(id, "tools/list", `{}`), id); answer.Result == nil || string(answer.ID) != id {
			t.Errorf("%s comes back as %s: %s", id, answer.ID, shortened(answer.raw))
		}
	}
	return fmt.Sprintf("%d echoed", len(ids))
}

func wrongIDs(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	ids := []string{"1.5", "1e3", "true", "false", "{}", `{"a":1}`, "[1]", "[]", "null"}
	for _, id := range ids {
		answer := ask(t, w, w.encode(id, "tools/list", `{}`), id)
		if answer.code() != -32600 || (answer.status != 0 && answer.status != 400) {
			t.Errorf("%s is answered with %d %s", id, answer.status, shortened(answer.raw))
		}
	}
	ping(t, w)
	return fmt.Sprintf("%d refused", len(ids))
}

// refusedInUse sends a request under id 1, which is taken, and fails unless it is refused without an end to the first.
func refusedInUse(t *testing.T, w wire, message string, first <-chan reply) {
	t.Helper()
	// A refusal that bore the id would end the first request for its client.
	second := ask(t, w, message)
	if second.code() != -32600 {
		t.Errorf("the second is answered with %s", second.raw)
	}
	select {
	case got := <-first:
		t.Errorf("the first is answered with %s", got.raw)
	default:
	}
}

func idInUse(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	first := busy(t, w, held, 1)[0]
	name := word()
	refusedInUse(t, w, call(w, "1", "get_agent", fmt.Sprintf(`{"agent":%q}`, name)), first)
	held.lift()
	if got := receive(t, first, "the answer to the first"); got.Result == nil {
		t.Errorf("the first is answered with %s", got.raw)
	}
	ping(t, w)
	notRun(t, platform, name)
	return "refused, the first is answered"
}

func paymentInUse(t *testing.T, platform *gateway, over string) string {
	w := dial(t, over, offering(platform))
	arguments, held, before, first := startPayment(t, platform, w)
	defer held.lift()
	refusedInUse(t, w, call(w, "1", "redeem_payment_token", arguments), first)
	held.lift()
	if got := receive(t, first, "the answer to the first"); got.good(t)["status"] != "done" {
		t.Errorf("the first is answered with %s", got.raw)
	}
	paidOnce(t, platform, before)
	return "refused, 1 payment"
}
