package cluster

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
)

// TestHandlesWorkAtEveryReplica asks at one replica, confirms at another, and asks for the result at the third and at one
// that was started again: the journal holds the key that seals handles.
func TestHandlesWorkAtEveryReplica(t *testing.T) {
	c := newCluster(t)
	spent, _ := c.tokenIDs(t)
	for _, version := range []string{legacy, modern} {
		t.Run(version, func(t *testing.T) {
			at := make([]*caller, replicas)
			for i := range at {
				at[i] = newSteadyCaller("http://"+c.addresses[i]+"/mcp", version, newTally())
				defer at[i].close()
			}
			call := func(i int, arguments map[string]any) map[string]any {
				t.Helper()
				answered, err := at[i].call(t.Context(), redeemTool, arguments)
				if err != nil || answered.failure != nil {
					t.Fatalf("replica %d: %v %v", i, err, answered.failure)
				}
				return answered.result
			}
			for first := range replicas {
				second, third := (first+1)%replicas, (first+2)%replicas
				arguments := map[string]any{"token": spent[0], "amount_usd": fmt.Sprintf("0.01%d%s", first, version[:4])}
				arguments["confirmation"] = call(first, arguments)["confirmation"]
				if made := call(second, arguments); made["redeemed_credits"] == nil || made["replayed"] == true {
					t.Fatalf("confirmed at another replica: %v", made)
				}
				if err := c.running[first].end(syscall.SIGKILL); err == nil {
					t.Error("a replica was killed and says that it ended well")
				}
				if err := c.startReplica(t.Context(), first); err != nil {
					t.Fatal(err)
				}
				for _, i := range []int{third, first} {
					if again := call(i, arguments); again["replayed"] != true {
						t.Errorf("replica %d pays again: %v", i, again)
					}
				}
			}
		})
	}
}

// TestTheLimitOfADayIsShared races for a limit at three replicas at once, and holds the ledger against it.
func TestTheLimitOfADayIsShared(t *testing.T) {
	const fit, tried = 40, 192
	c := newCluster(t, "--confirm", "off", "--max-spend-per-call", "1000", "--max-spend-per-day", "0.4")
	spent, _ := c.tokenIDs(t)
	var clients sync.WaitGroup
	codes := make(chan string, tried)
	for i := range inFlight {
		clients.Go(func() {
			client := newCaller("http://"+c.addresses[i%replicas]+"/mcp", []string{legacy, modern}[i%2], newTally())
			defer client.close()
			for n := i; n < tried; n += inFlight {
				// Another description makes it another payment.
				answered, err := client.call(t.Context(), settleTool, map[string]any{
					"token": spent[n%tokens], "amount_usd": "0.01", "description": fmt.Sprintf("job %d", n),
					"idempotency_key": fmt.Sprintf("job-%d", n),
				})
				switch {
				case err != nil:
					codes <- err.Error()
				case answered.failure != nil:
					codes <- answered.failure.Code
				case answered.result["status"] == "confirmation_required":
					codes <- "asked"
				default:
					codes <- paid
				}
			}
		})
	}
	clients.Wait()
	close(codes)
	counted := map[string]int{}
	for code := range codes {
		counted[code]++
	}
	c.stopPlatform(t)
	done := c.readLedger(t)
	const units = 10_000_000 // the ledger tells a charge of a token by its amount
	if made := done.effects[effect{redeemTool, units}]; made != fit || done.taken != fit*units {
		t.Errorf("%d of a limit of %d were made, for %d: %v", made, fit, done.taken, counted)
	}
	if counted[paid] != fit || counted["limit_exceeded"] != tried-fit {
		t.Errorf("answers: %v", counted)
	}
	t.Logf("%d tried at three replicas, %d fit into the day: %v", tried, fit, counted)
}
