package chaos

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// The tools that are driven.
const (
	toolLock      = "lock_payment"
	toolExtend    = "extend_payment_lock"
	toolSettle    = "settle_payment"
	toolRedeem    = "redeem_payment_token"
	toolDelegate  = "delegate_payment_token"
	toolCreateKey = "create_api_key"
)

// agentID is the only agent there is.
const agentID = "agent-7"

// platform is the fake. It speaks HTTP/1.1 by hand, since a proper server cannot break in the middle of a header. Each
// server under test has a listener of its own, so that a fault can kill the server that its request came from.
type platform struct {
	ledger    *ledger
	seed      uint64
	listeners [2]net.Listener
	// kill ends a server; ask stops the platform at a request until it returns. Both may be nil.
	kill func(slot int)
	ask  func(order)

	hits     [faultCount]atomic.Int64
	arrivals atomic.Int64
	accepted atomic.Int64
	group    sync.WaitGroup
	quiet    chan struct{}
	mu       sync.Mutex
	nth      map[string]uint64
	open     map[net.Conn]bool
}

func startPlatform(t testing.TB, seed uint64) *platform {
	t.Helper()
	p := &platform{ledger: newLedger(), seed: seed, quiet: make(chan struct{}), nth: map[string]uint64{}, open: map[net.Conn]bool{}}
	for slot := range p.listeners {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("listen: %v", err)
		}
		p.listeners[slot] = listener
		p.group.Go(func() { p.accept(slot, listener) })
	}
	return p
}

func (p *platform) url(slot int) string { return "http://" + p.listeners[slot].Addr().String() }

// close ends the platform, and waits until it has done what it had begun.
func (p *platform) close() {
	close(p.quiet)
	for _, listener := range p.listeners {
		_ = listener.Close()
	}
	p.mu.Lock()
	for connection := range p.open {
		_ = connection.Close()
	}
	p.mu.Unlock()
	p.group.Wait()
}

func (p *platform) accept(slot int, listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		if p.seed != 0 && hash(p.seed, uint64(p.accepted.Add(1)))%10 == 0 {
			p.hits[beforeAccept].Add(1)
			abort(connection)
			continue
		}
		p.mu.Lock()
		p.open[connection] = true
		p.mu.Unlock()
		p.group.Go(func() {
			p.serve(slot, connection)
			_ = connection.Close()
			p.mu.Lock()
			delete(p.open, connection)
			p.mu.Unlock()
		})
	}
}

func abort(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// serve answers requests until one breaks the connection.
func (p *platform) serve(slot int, connection net.Conn) {
	reader := bufio.NewReader(connection)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		p.arrivals.Add(1)
		asked, writes := orderOf(request, body)
		if !writes {
			status, answer := p.read(request)
			if respond(connection, status, "", answer) != nil {
				return
			}
			continue
		}
		if !p.write(slot, &exchange{connection, reader, request, asked}) {
			return
		}
	}
}

// read answers what changes nothing.
func (p *platform) read(request *http.Request) (status int, answer any) {
	switch route := request.Method + " " + request.URL.Path; route {
	case "POST /api/payments/verify":
		return http.StatusOK, map[string]any{"valid": true, "balanceDollars": "100000"}
	case "GET /api/agents/" + agentID:
		return http.StatusOK, map[string]any{"agent": map[string]any{"id": agentID, "username": "payee", "name": "Payee"}}
	case "GET /api/api-keys":
		return http.StatusOK, map[string]any{"keys": p.ledger.keys()}
	case "GET /api/health":
		return http.StatusOK, map[string]any{"status": "ok"}
	default:
		return http.StatusNotFound, map[string]any{"error": "no such route"}
	}
}

// orderOf reads what a request asks for, if it asks for an effect.
func orderOf(request *http.Request, body []byte) (order, bool) {
	var wire struct {
		Token, LockID, ParentToken, DelegateTo, Name, IdempotencyKey string
		Amount, AdditionalAmount                                     decimal.Decimal
	}
	if json.Unmarshal(body, &wire) != nil {
		return order{}, false
	}
	asked := order{key: wire.IdempotencyKey, units: wire.Amount.Shift(9).IntPart()}
	path, _ := strings.CutPrefix(request.URL.Path, "/api")
	lock, extends := strings.CutPrefix(path, "/payments/lock/")
	switch {
	case request.Method == http.MethodPatch && extends:
		asked.kind, asked.marker, asked.units = toolExtend, lock, wire.AdditionalAmount.Shift(9).IntPart()
	case request.Method != http.MethodPost:
		return order{}, false
	case path == "/payments/lock":
		asked.kind, asked.marker = toolLock, wire.Token
	case path == "/payments/settle" && wire.LockID != "":
		asked.kind, asked.marker = toolSettle, wire.LockID
	case path == "/payments/settle":
		asked.kind, asked.marker = toolRedeem, wire.Token
	case path == "/payments/delegate":
		asked.kind, asked.marker, asked.recipient = toolDelegate, wire.ParentToken, wire.DelegateTo
	case path == "/api-keys":
		asked.kind, asked.marker = toolCreateKey, wire.Name
	default:
		return order{}, false
	}
	return asked, true
}

// receipt is the platform's answer to what it did.
func receipt(o order, replayed bool) map[string]any {
	amount := json.Number(decimal.New(o.units, -9).String())
	switch o.kind {
	case toolLock:
		return map[string]any{"lockId": "lock-" + o.marker, "lockedAmountDollars": amount}
	case toolExtend:
		return map[string]any{"newAmountDollars": amount}
	case toolDelegate:
		return map[string]any{"token": "secret-" + o.marker, "tokenId": "id-" + o.marker, "amountCredits": amount}
	case toolCreateKey:
		return map[string]any{"apiKey": map[string]any{"id": "id-" + o.marker, "name": o.marker}, "rawKey": "rok_secret_" + o.marker}
	default:
		return map[string]any{"success": true, "chargedDollars": amount, "replayed": replayed}
	}
}

func respond(to io.Writer, status int, header string, answer any) error {
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	_, err = io.WriteString(to, head(status, header+"Content-Type: application/json\r\n", len(body))+string(body))
	return err
}

func head(status int, header string, length int) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\n%sDate: %s\r\nContent-Length: %s\r\n\r\n", status, http.StatusText(status), header,
		time.Now().UTC().Format(http.TimeFormat), strconv.Itoa(length))
}
