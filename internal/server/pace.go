package server

import (
	"io"
	"net/http"
	"time"
)

// How fast clients must be. What is slower holds a connection for nothing.
const (
	// headerTimeout is for the header of a request.
	headerTimeout = 5 * time.Second
	// readBlock must come in within blockTimeout: 3.2 KiB a second.
	readBlock    = 16 << 10
	blockTimeout = 5 * time.Second
	// bodyTimeout is for a whole body: 35 KiB a second for the longest.
	bodyTimeout = 2 * time.Minute
	// writeBlock must be taken within writeTimeout: 2.1 KiB a second.
	writeBlock   = 64 << 10
	writeTimeout = 30 * time.Second
)

// pacedBody reads a body whose every block, and whole, must come in time, as far as the budget goes.
type pacedBody struct {
	body      io.Reader
	deadlines *http.ResponseController
	end       time.Time // for the whole body
	left      int       // bytes of this block that are still to come
	held      *charge
}

func newPacedBody(body io.Reader, deadlines *http.ResponseController, held *charge) *pacedBody {
	return &pacedBody{body: body, deadlines: deadlines, held: held, end: time.Now().Add(bodyTimeout)}
}

// Read reads a part of the body.
func (p *pacedBody) Read(b []byte) (int, error) {
	if p.left <= 0 {
		deadline := time.Now().Add(blockTimeout)
		if deadline.After(p.end) {
			deadline = p.end
		}
		_ = p.deadlines.SetReadDeadline(deadline) // recorders in tests know no deadlines
		p.left = readBlock
	}
	n, err := p.body.Read(b)
	p.left -= n
	if !p.held.add(n) {
		return 0, errTooMuchHeld
	}
	return n, err
}
