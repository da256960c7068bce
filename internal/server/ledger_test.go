package server

import (
	"encoding/json"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// accepted opens a request.
func accepted(t testing.TB, l *ledger, id string) *request {
	t.Helper()
	r, refusal := l.accept(t.Context(), "", message{ID: json.RawMessage(id), Method: "ping"})
	if refusal != nil {
		t.Fatalf("id %s: %s", id, refusal.message)
	}
	return r
}

// Whatever is accepted, given up and answered, in whatever order: each request is answered or given up once, ids are in
// use in between only, and the ledger knows when nothing is left.
func TestLedgerKeepsBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, open := newLedger(), map[string]*request{}
		var over []*request
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			id := rapid.SampledFrom([]string{"1", `"1"`, "9007199254740992", "9007199254740993", `"\u0031"`, "-0", "0"}).Draw(t, "id")
			key := idKey(json.RawMessage(id))
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				r, refusal := l.accept(t.Context(), "", message{ID: json.RawMessage(id), Method: "ping"})
				if (refusal != nil) != (open[key] != nil) {
					t.Fatalf("id %s: %v", id, refusal)
				}
				if refusal == nil {
					open[key] = r
				}
			case 1:
				canceled := l.cancel("", json.RawMessage(`{"requestId":`+id+`}`))
				if canceled != open[key] {
					t.Fatalf("id %s: canceled %v", id, canceled)
				}
				if canceled != nil {
					over = append(over, canceled)
					delete(open, key)
				}
			default:
				if r := open[key]; r != nil {
					if !l.settle(r) {
						t.Fatalf("the answer to %s is not wanted", id)
					}
					over = append(over, r)
					delete(open, key)
				}
			}
		}
		for _, r := range over {
			if l.settle(r) || r.ctx.Err() == nil {
				t.Fatalf("%s goes on", r.id)
			}
		}
		settled := l.close()
		for _, r := range open {
			select {
			case <-settled:
				t.Fatal("settled too early")
			default:
			}
			l.settle(r)
		}
		<-settled
		if l.size() != 0 {
			t.Fatal("requests are left")
		}
	})
}

// Requests of different scopes have nothing to do with each other.
func TestLedgerScopes(t *testing.T) {
	l := newLedger()
	for i := range 3 {
		if _, refusal := l.accept(t.Context(), "session "+strconv.Itoa(i)+"\x00", message{ID: json.RawMessage("1"), Method: "ping"}); refusal != nil {
			t.Error(refusal.message)
		}
	}
	if l.cancel("session 3\x00", json.RawMessage(`{"requestId":1}`)) != nil || l.size() != 3 {
		t.Error("a foreign request was canceled")
	}
}

// A stream that stays open is no reason to wait, and a closed ledger takes nothing.
func TestLedgerDoesNotWaitForStreams(t *testing.T) {
	l := newLedger()
	stream, _ := l.accept(t.Context(), "", message{ID: json.RawMessage("1"), Method: methodListen})
	call := accepted(t, l, "2")
	settled := l.close()
	l.settle(call)
	<-settled
	if open := l.unanswered(); len(open) != 1 || open[0] != stream {
		t.Errorf("got %v", open)
	}
	if _, refusal := l.accept(t.Context(), "", message{ID: json.RawMessage("3"), Method: "ping"}); refusal == nil {
		t.Error("accepted behind the end")
	}
	l.settle(stream)
}

// Cancellations that name nothing change nothing.
func TestLedgerIgnoresWildCancellations(t *testing.T) {
	l := newLedger()
	accepted(t, l, "1")
	for _, params := range []string{``, `null`, `{}`, `{"requestId":null}`, `{"requestId":2}`, `{"requestId":"1"}`, `{"requestId":{}}`} {
		if l.cancel("", json.RawMessage(params)) != nil || l.size() != 1 {
			t.Errorf("%s canceled something", params)
		}
	}
}
