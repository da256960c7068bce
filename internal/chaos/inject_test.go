package chaos

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is a request that asks for an effect, and the way back.
type exchange struct {
	connection net.Conn
	reader     *bufio.Reader
	request    *http.Request
	asked      order
}

// write does what a request asks for, or breaks as its fault says. It gives whether the connection can be used again.
func (p *platform) write(slot int, e *exchange) (usable bool) {
	f := p.fault(e.asked)
	if f == duplicate && e.asked.key == "" {
		f = noFault
	}
	p.hits[f].Add(1)
	if f == refuse {
		return p.refuse(e)
	}
	p.ledger.sent(e.asked)
	if p.ask != nil {
		p.ask(e.asked)
	}
	switch f {
	case afterRead:
		return false
	case killOnRead:
		p.kill(slot)
	case beforeCommit:
		_ = e.connection.Close()
	case failBeforeCommit:
		return respond(e.connection, serverFailure(e.asked), "", map[string]any{"error": "it broke"}) == nil
	case redirect:
		location := "Location: " + p.url(1-slot) + e.request.URL.RequestURI() + "\r\n"
		return respond(e.connection, http.StatusTemporaryRedirect, location, map[string]any{}) == nil
	case html:
		if number(e.asked.marker)%2 == 0 {
			p.ledger.commit(e.asked)
		}
		page := "<html>Please sign in</html>"
		_, err := io.WriteString(e.connection, head(http.StatusOK, "Content-Type: text/html\r\n", len(page))+page)
		return err == nil
	}
	replayed := p.ledger.commit(e.asked)
	if f == duplicate {
		replayed = p.ledger.commit(e.asked)
	}
	return p.answer(slot, e, f, replayed)
}

// answer gives the receipt, or loses it.
func (p *platform) answer(slot int, e *exchange, f fault, replayed bool) (usable bool) {
	switch f {
	case beforeCommit, afterCommit, killOnRead:
		return false
	case killOnCommit:
		p.kill(slot)
		return false
	case midHeader:
		_, _ = io.WriteString(e.connection, "HTTP/1.1 200 OK\r\nContent-Ty")
		return false
	case midBody:
		_, _ = io.WriteString(e.connection, head(http.StatusOK, "Content-Type: application/json\r\n", 200)+`{"success":true,"chargedDol`)
		return false
	case reset:
		abort(e.connection)
		return false
	case failAfterCommit:
		return respond(e.connection, serverFailure(e.asked), "Retry-After: 0\r\n", map[string]any{"error": "it broke"}) == nil
	case slow:
		p.awaitOthers()
	case stall:
		_, _ = e.reader.Peek(1) // until the client leaves
		return false
	}
	err := respond(e.connection, http.StatusOK, "X-Request-Id: "+e.asked.marker+"\r\n", receipt(e.asked, replayed))
	if f == killOnAnswer {
		p.kill(slot)
	}
	return err == nil && f != killOnAnswer
}

// fault draws what befalls a request. The nth one of an effect may meet another fate than the first.
func (p *platform) fault(asked order) fault {
	if p.seed == 0 {
		return noFault
	}
	p.mu.Lock()
	p.nth[asked.marker]++
	nth := p.nth[asked.marker]
	p.mu.Unlock()
	return draw(p.seed, number(asked.marker), nth)
}

// number is what tells a marker from others.
func number(marker string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(marker, "m-"), 10, 64)
	return n
}

// refuse says no in one of the ways that prove that nothing happened.
func (p *platform) refuse(e *exchange) bool {
	ways := []int{http.StatusBadRequest, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
		http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusOK}
	status := ways[number(e.asked.marker)%uint64(len(ways))]
	return respond(e.connection, status, "", map[string]any{"success": false, "error": "no"}) == nil
}

func serverFailure(asked order) int {
	return []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}[number(asked.marker)%4]
}

// awaitOthers holds an answer back until three more requests came, or none is to be expected.
func (p *platform) awaitOthers() {
	const others, atMost = 3, 100 * time.Millisecond
	until := p.arrivals.Load() + others
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for started := time.Now(); p.arrivals.Load() < until && time.Since(started) < atMost; {
		select {
		case <-p.quiet:
			return
		case <-look.C:
		}
	}
}
