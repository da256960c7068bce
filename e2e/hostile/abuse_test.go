package hostile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// logInjection writes what would begin a new record, or paint a terminal, into everything that may be logged.
func logInjection(t *testing.T, platform *gateway) string {
	const forged = `{\"level\":\"ERROR\",\"msg\":\"forged\"}`
	records := 0
	for _, over := range everywhere() {
		w := dial(t, over, offering(platform, "--log-level", "debug", "--log-format", "json"))
		for _, harm := range []string{`\n` + forged, `\r\n` + forged, `\u001b[31m` + forged, `\u2028` + forged, `\u0000` + forged} {
			for _, message := range []string{
				call(w, "#", "get_agent@", `{}`), w.encode("#", "tools@", `{}`), call(w, "#", "get_agent", `{"agent":"@"}`), call(w, "#", "search_agents", `{"query":"@"}`),
			} {
				id := fresh()
				ask(t, w, strings.Replace(strings.Replace(message, "@", harm, 1), "#", id, 1), id)
			}
		}
		_ = w.host().command.Process.Kill()
		<-w.host().ended
		printed := w.host().stderr.String()
		if _, log, found := strings.Cut(printed, "Ctrl-C ends it.\n"); found {
			printed = log
		}
		for line := range strings.Lines(printed) {
			records++
			var record map[string]any
			if err := json.Unmarshal([]byte(line), &record); err != nil || record["msg"] == "forged" || strings.ContainsAny(line, "\x1b\x00\r") {
				t.Errorf("%s: a line that is no record: %q", over, line)
			}
		}
	}
	return fmt.Sprintf("%d records", records)
}

// exfiltration follows a model that has read others' text and then does what that asks for. Nothing of it may pass
// without somebody's agreement, though calls of this size otherwise would.
func exfiltration(t *testing.T, platform *gateway) string {
	w := dial(t, overStdio, offering(platform, "--confirm", "off"))
	before := platform.count("POST " + payRoute)
	do(t, w, "search_agents", `{"query":"translate a contract"}`).good(t)
	// Without others' text, --confirm off lets payments of this size pass: it is within the limit of a call.
	asked := do(t, w, "redeem_payment_token", strings.Replace(payment(), "0.001", "0.6", 1)+"}").good(t)
	if asked["status"] != "confirmation_required" {
		t.Errorf("after others' text a payment is answered with %v", asked)
	}
	if paid := platform.count("POST "+payRoute) - before; paid != 0 {
		t.Errorf("%d payments are made", paid)
	}
	return "asked, 0 payments"
}

// deepMemory is what a message of the largest size may make the server hold, in KiB.
const deepMemory = 128 << 10

// deepJSON sends what costs a careless reader more than it costs the sender.
func deepJSON(t *testing.T, platform *gateway) string {
	const wide = 10_000
	var keys strings.Builder
	for i := range wide {
		fmt.Fprintf(&keys, `"k%d":%d,`, i, i)
	}
	arguments := map[string]string{
		"deep lists":       `{"agent":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
		"deep objects":     `{"agent":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + `}`,
		"10,000 keys":      `{` + keys.String() + `"agent":"a"}`,
		"a long list":      `{"agent":[` + strings.Repeat("1,", 500_000) + `1]}`,
		"a long number":    `{"agent":` + strings.Repeat("9", 1_000_000) + `}`,
		"many escapes":     `{"agent":"` + strings.Repeat(`\u0061`, 500_000) + `"}`,
		"many typos":       `{` + strings.Repeat(`"agnet":1,`, 1) + keys.String() + `"agemt":2}`,
		"unclosed":         `{"agent":` + strings.Repeat("[", 200_000),
		"regexp backtrack": `{"agent":"` + strings.Repeat("a-", 50_000) + `!"}`,
	}
	var slowest time.Duration
	grown := 0
	for _, over := range everywhere() {
		w := dial(t, over, offering(platform))
		ping(t, w)
		w.host().forget()
		before := w.host().peak()
		for what, argument := range arguments {
			began := time.Now()
			answer := do(t, w, "get_agent", argument)
			took := time.Since(began)
			slowest = max(slowest, took)
			if answer.err != nil || (answer.code() == 0 && (answer.Result == nil || !answer.outcome(t).IsError)) {
				t.Errorf("%s: %s: %v %s", over, what, answer.err, shortened(answer.raw))
			}
			within(t, over+": "+what, took, time.Second)
			if len(answer.raw) > 16<<10 {
				t.Errorf("%s: %s is answered with %d bytes", over, what, len(answer.raw))
			}
		}
		ping(t, w)
		grown = max(grown, w.host().peak()-before)
	}
	if grown > deepMemory {
		t.Errorf("the server held %d MiB more", grown>>10)
	}
	return fmt.Sprintf("%d forms, slowest %s, +%d MiB", len(arguments), milliseconds(slowest), grown>>10)
}

// flooded sends 1,000 calls a second for three seconds, and pings meanwhile.
func flooded(t *testing.T, platform *gateway) string {
	const rate, seconds = 1000, 3
	given := offering(platform)
	given.direct = true
	s := startHTTP(t, given)
	flood, calm := newPoster(s, true), dialLegacy(s)
	var answered atomic.Int64
	var calls sync.WaitGroup
	done := make(chan struct{})
	go func() {
		defer close(done)
		began := time.Now()
		for i := range rate * seconds {
			time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / rate)))
			calls.Go(func() {
				if r := <-flood.send(call(flood, "1", "get_agent", `{"limit":"x"}`)); r.err == nil {
					answered.Add(1)
				}
			})
		}
	}()
	var times []time.Duration
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(20 * time.Millisecond):
			times = append(times, ping(t, calm))
		}
	}
	calls.Wait()
	slices.Sort(times)
	most := times[len(times)*99/100-1]
	within(t, "99 of 100 pings", most, busyLimit)
	return fmt.Sprintf("%d calls in %d s, %d answered, 99 of 100 pings in %s, slowest %s",
		rate*seconds, seconds, answered.Load(), milliseconds(most), milliseconds(times[len(times)-1]))
}

// badAmounts pays with figures that readers read differently.
func badAmounts(t *testing.T, platform *gateway) string {
	literals := []string{
		`""`, `" "`, `"0x1"`, `"1e-3"`, `"1E3"`, `"+1"`, `"-1"`, `"-0"`, `"−1"`, `"1-"`, `"1."`, `".5"`, `"1..0"`, `"1.0.0"`, `"1,5"`, `"1.000,00"`, `"1 000"`, `" 1"`, `"1 "`,
		`"1\t"`, `"1\n"`, `"\u00a01"`, `"1\u200b"`, `"１"`, `"٣"`, `"১"`, `"Ⅷ"`, `"½"`, `"1/2"`, `"NaN"`, `"Inf"`, `"-Infinity"`, `"null"`, `"true"`, `"$1"`, `"1 USD"`, `"0.0000000001"`, `"1.1234567890"`,
		`"99999999999999999999"`, `"1_000"`, `"0b1"`, `"1f"`, `"{}"`, `"1;2"`, `"1'"`, `"1\u0000"`, `"1\u202e2"`, `"0.001\u0660"`, `null`, `true`, `[]`, `{}`, `["1"]`, `1e3`, `1e-3`, `-1`, `1e400`,
		`0.0000000001`, `0.1e0`, `123456789012345678901234567890`,
	}
	w := dial(t, overStdio, offering(platform))
	before := platform.count("POST /api/payments")
	for _, literal := range literals {
		answer := do(t, w, "redeem_payment_token", fmt.Sprintf(`{"token":%q,"amount_usd":%s}`, creditsToken, literal))
		if answer.code() == 0 && (answer.Result == nil || !answer.outcome(t).IsError) {
			t.Errorf("%s is answered with %s", literal, answer.raw)
		}
	}
	if paid := platform.count("POST /api/payments") - before; paid != 0 {
		t.Errorf("%d requests about payments are made", paid)
	}
	return fmt.Sprintf("%d refused", len(literals))
}
