package server

import (
	"io"
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
	// justNow is how much shorter a deadline may be because it was set for something else a moment ago: to set it anew costs as much
	// as to read a short body.
	justNow = time.Second
)

// pacedBody reads a body whose every block, and whole, must come in time, as far as the budget goes.
type pacedBody struct {
	body       io.Reader
	connection *guardedWriter
	end        time.Time // for the whole body
	left       int       // bytes of this block that are still to come
	held       *charge
}

func newPacedBody(body io.Reader, connection *guardedWriter, held *charge) *pacedBody {
	return &pacedBody{body: body, connection: connection, held: held, end: time.Now().Add(bodyTimeout)}
}

// Read reads a part of the body.
func (p *pacedBody) Read(b []byte) (int, error) {
	if p.left <= 0 {
		deadline := time.Now().Add(blockTimeout)
		if deadline.After(p.end) {
			deadline = p.end
		}
		if deadline.Sub(p.connection.readable) > justNow {
			p.connection.boundReading(deadline)
		}
		p.left = readBlock
	}
	n, err := p.body.Read(b)
	p.left -= n
	if !p.held.add(n) {
		return 0, errTooMuchHeld
	}
	return n, err
}
