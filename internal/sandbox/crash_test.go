package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The environment of the tests of crashes: the database that a child serves, and how often the parent kills it.
const (
	crashDatabase = "ROBUTLER_CRASH_DATABASE"
	crashKills    = "ROBUTLER_CRASH_KILLS"
)

// TestCrashingChild is no test: it is the platform that TestTheLedgerSurvivesAKill starts in a process of its own. It
// ends when its input does, so that it never outlives its parent.
func TestCrashingChild(t *testing.T) {
	path := os.Getenv(crashDatabase)
	if path == "" {
		t.Skip("started by TestTheLedgerSurvivesAKill alone")
	}
	p := open(t, Options{Database: path})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: p.Handler()}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Fprintf(os.Stderr, "serving %s\n", listener.Addr())
	_ = server.Serve(listener)
}

// startChild serves a database in a process that can be killed.
func startChild(t *testing.T, path string) (address string, kill func()) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashingChild$")
	child.Env = append(os.Environ(), crashDatabase+"="+path)
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	said, err := child.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var heard []string
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if where, found := strings.CutPrefix(lines.Text(), "serving "); found {
			return where, func() {
				_ = child.Process.Kill()
				_ = child.Wait() // it was killed
			}
		}
		heard = append(heard, lines.Text())
	}
	t.Fatalf("the child does not serve: %v, %q", child.Wait(), heard)
	return "", nil
}

// TestTheLedgerSurvivesAKill kills the platform again and again while payments are in flight. Whatever it answered must
// be in the ledger, whatever it did not answer may be, and to send it again must not charge twice.
func TestTheLedgerSurvivesAKill(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("WARNING: not tested on Windows, where a process cannot be killed at any point")
	}
	kills := 4
	if more, err := strconv.Atoi(os.Getenv(crashKills)); err == nil {
		kills = more
	}
	path := database(t)
	load := newCrashLoad(t, path)
	sent, unanswered := 0, 0
	for range kills {
		address, kill := startChild(t, path)
		round := load.run(t, address, kill)
		for _, s := range round {
			sent++
			if s.status == 0 {
				unanswered++
			}
		}
		load.check(t, round)
	}
	t.Logf("%d kills, %d payments sent, %d of them unanswered, of which %d took effect", kills, sent, unanswered, load.effects)
	if unanswered == 0 {
		t.Error("no kill met a payment in flight")
	}
}

// crashLoad is what the payments of all rounds share.
type crashLoad struct {
	path, payer, payee string
	tokens             []string

	mu    sync.Mutex
	locks []string
	next  int
	// effects counts what took effect though nobody heard of it.
	effects int
}

func newCrashLoad(t *testing.T, path string) *crashLoad {
	t.Helper()
	p, err := Open(context.Background(), Options{Database: path, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	load := &crashLoad{path: path, payer: p.UserKey(), payee: otherUser(t, p)}
	for range 3 {
		id, _ := mintToken(t, p, "10", `,"ttlHours":100`)
		load.tokens = append(load.tokens, id)
	}
	// While anybody has a database open, SQLite does not recover it.
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return load
}

// crashSent is a payment that was sent, and what came back; a status of 0 is no answer.
type crashSent struct {
	key, as, method, target, body string
	answer
}

// run sends payments from several clients until the platform is killed.
func (l *crashLoad) run(t *testing.T, address string, kill func()) []crashSent {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	const clients = 4
	var group sync.WaitGroup
	var sent [clients][]crashSent
	for i := range clients {
		group.Go(func() {
			for {
				s := l.payment()
				s.answer = l.deliver(client, address, &s)
				sent[i] = append(sent[i], s)
				if s.status == 0 {
					return
				}
				l.learn(&s)
			}
		})
	}
	time.Sleep(time.Duration(50+rand.IntN(350)) * time.Millisecond)
	kill()
	group.Wait()
	var all []crashSent
	for i := range sent {
		all = append(all, sent[i]...)
	}
	return all
}

// payment makes up the next one. Its key names it in the ledger, too.
func (l *crashLoad) payment() crashSent {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	s := crashSent{key: fmt.Sprintf("crash-%d", l.next), as: l.payee, method: http.MethodPost}
	token, amount := l.tokens[rand.IntN(len(l.tokens))], formatCredits(1+rand.Int64N(10_000_000))
	switch kind := rand.IntN(5); {
	case kind == 0 || (kind == 1 && len(l.locks) == 0):
		s.target, s.body, s.key = "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":%s}`, token, amount), ""
	case kind == 1:
		lock := l.locks[max(len(l.locks)-1-rand.IntN(10), 0)]
		s.target, s.body = "/api/payments/settle", fmt.Sprintf(`{"lockId":%q,"amount":%s,"description":%q}`, lock, amount, s.key)
	case kind == 2:
		s.target, s.body = "/api/payments/settle", fmt.Sprintf(`{"token":%q,"amount":%s,"description":%q}`, token, amount, s.key)
	case kind == 3:
		s.method, s.target, s.body = http.MethodPut, "/api/tokens/redeem", fmt.Sprintf(`{"token":%q,"amount":%q}`, token, amount)
	default:
		s.as, s.target = l.payer, "/api/credits/transfer"
		s.body = fmt.Sprintf(`{"toUserId":%q,"amount":%q,"reason":%q}`, seedID("user", "office@lexa.example"), amount, s.key)
	}
	return s
}

// learn remembers the locks to settle.
func (l *crashLoad) learn(s *crashSent) {
	if id, ok := s.answer.body["lockId"].(string); ok && s.status == http.StatusOK {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.locks = append(l.locks, id)
	}
}

func (l *crashLoad) deliver(client *http.Client, address string, s *crashSent) answer {
	r, err := http.NewRequestWithContext(context.Background(), s.method, "http://"+address+s.target, strings.NewReader(s.body))
	if err != nil {
		return answer{}
	}
	r.Header.Set("X-API-Key", s.as)
	r.Header.Set("Idempotency-Key", s.key)
	// The transport sends a request with a key again by itself, but for one whose body it cannot rewind.
	r.GetBody = nil
	response, err := client.Do(r)
	if err != nil {
		return answer{}
	}
	raw, err := io.ReadAll(response.Body)
	if closeErr := response.Body.Close(); err != nil || closeErr != nil {
		return answer{} // half of an answer is none
	}
	return parseAnswer(response.StatusCode, response.Header, raw)
}
