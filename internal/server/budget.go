package server

import (
	"context"
	"errors"
	"sync"
)

const (
	// maxReceived bounds the messages of all HTTP clients that are being read or handled, in bytes.
	maxReceived = 256 << 20
	// maxReceivedEach is what one caller can hold of it, and what all those together can who are not verified.
	maxReceivedEach = maxReceived / 4
	// maxBeside bounds the messages of a stdio client that are handled beside the calls, in bytes.
	maxBeside = 64 << 20
	// freeBytes of each message count for nothing: pings and lists always pass.
	freeBytes = 4 << 10
	// smallBytes is how long a message may be that can use the reserve, which longer ones leave.
	smallBytes = 64 << 10
)

// payer is who a message is counted for. Those who are not verified are one.
type payer struct {
	verified bool
	id       string
}

// budget bounds the bytes of messages that are held at a time, in all and for each payer. A quarter of either is a
// reserve for small messages. It is safe for concurrent use.
type budget struct {
	limit, each int

	mu   sync.Mutex
	held int
	of   map[payer]int
}

func newBudget(limit, each int) *budget {
	return &budget{limit: limit, each: each, of: map[payer]int{}}
}

// take counts bytes of a message that has the size by then. It reports false, and counts nothing, when that is too much.
func (b *budget) take(who payer, bytes, size int) bool {
	limit, each := b.limit, b.each
	if size > smallBytes {
		limit, each = limit-limit/4, each-each/4
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held+bytes > limit || b.of[who]+bytes > each {
		return false
	}
	b.held += bytes
	b.of[who] += bytes
	return true
}

func (b *budget) give(who payer, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= bytes
	b.of[who] -= bytes
	if b.of[who] == 0 {
		delete(b.of, who)
	}
}

// charge is what the budget holds for one message.
type charge struct {
	budget *budget
	who    payer

	mu            sync.Mutex
	size, counted int
	owners        int
}

// charge begins to count a message. Its caller releases it once nothing of the message is needed any more.
func (b *budget) charge(who payer) *charge { return &charge{budget: b, who: who, owners: 1} }

// add counts bytes that have come in. It reports false when they are too many.
func (c *charge) add(bytes int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size += bytes
	due := max(0, c.size-freeBytes) - c.counted
	if due > 0 && !c.budget.take(c.who, due, c.size) {
		return false
	}
	c.counted += due
	return true
}

// share adds an owner, who releases the charge, too.
func (c *charge) share() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owners++
}

// release gives back what is counted once every owner has called it.
func (c *charge) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owners--
	if c.owners == 0 && c.counted > 0 {
		c.budget.give(c.who, c.counted)
	}
}

// errTooMuchHeld ends the reading of a body that the budget has no room for.
var errTooMuchHeld = errors.New("too many long messages are being read or handled")

// payerOf gives who the body of a request is counted for. Without authentication there is one caller. One whose name can
// be made up counts once something was opened for them, which they were verified for.
func payerOf(ctx context.Context, opened bool) payer {
	who := principalOf(ctx)
	switch {
	case who == nil:
		return payer{verified: true}
	case who.Verify == nil || opened:
		return payer{verified: true, id: who.ID}
	default:
		return payer{}
	}
}

// serveBeside serves a request beside the reading and the calls, or refuses it.
func (c *stdioConnection) serveBeside(r *request, line []byte) {
	held := c.held.charge(payer{})
	if !held.add(len(line)) {
		held.release()
		c.refuse(r, heldTooMuch())
		return
	}
	if !c.beside(func() {
		defer held.release()
		if r.method == methodListen {
			defer c.client.listening.note(r.id)()
		}
		c.serve(r, line)
	}) {
		held.release()
		c.refuse(r, crowded())
	}
}

// heldTooMuch answers a stdio request that the budget has no room for.
func heldTooMuch() *rpcError {
	return overloadedBy("too many long messages are being handled")
}
