package chaos

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// worker makes calls, one scenario after the other.
type worker struct {
	*episode
	*rand.Rand
}

func newWorker(e *episode, number int) *worker {
	return &worker{e, rand.New(rand.NewPCG(e.seed, uint64(number)))}
}

func (w *worker) run() {
	for w.budget.Load() > 0 && w.failed.Load() == nil {
		w.scenario()
	}
}

// one reports true once in n times.
func (w *worker) one(n int) bool { return w.IntN(n) == 0 }

func (w *worker) scenario() {
	all := []string{toolLock, toolExtend, toolSettle, toolRedeem, toolDelegate, toolCreateKey, toolSettle, toolRedeem}
	wanted := w.mint(all[w.IntN(len(all))])
	switch n := w.IntN(100); {
	case n < 36:
		w.plainly(wanted)
	case n < 48:
		w.duel(wanted)
	case n < 64:
		w.twoHandles(wanted)
	case n < 74:
		w.again()
	case n < 82:
		w.otherArguments(wanted)
	case n < 90:
		w.stale()
	case n < 95:
		w.sameKey(wanted)
	case n < 97:
		w.tooMuch(wanted)
	default:
		w.look()
	}
}

// plainly asks, agrees, and asks again for what was lost, as the protocol has clients do.
func (w *worker) plainly(wanted *effect) {
	key := ""
	if w.one(3) && takesKey(wanted) {
		key = fmt.Sprintf("key-%d", wanted.number)
	}
	w.agree(w.try(call{effect: wanted, key: key}))
}

// agree confirms what a call asks for, and repeats the call while its outcome is open.
func (w *worker) agree(asked call) {
	confirmed := w.confirmation(asked)
	for range 3 {
		confirmed = w.try(confirmed)
		if !confirmed.answer.open() && !w.one(4) {
			return
		}
	}
}

// confirmation is the call with the handle that it was answered with; the call itself if it was not asked.
func (w *worker) confirmation(asked call) call {
	if asked.answer.Confirmation != "" {
		asked.handle, asked.acknowledges, asked.foreign = asked.answer.Confirmation, asked.answer.DuplicateOf, false
	}
	return asked
}

// duel makes the same call on both servers at once.
func (w *worker) duel(wanted *effect) {
	confirmed := w.confirmation(w.try(call{effect: wanted}))
	w.atOnce(confirmed, confirmed)
	w.tryAt(w.IntN(2), confirmed)
}

// twoHandles gets two handles for one effect before either is used, and uses both at once.
func (w *worker) twoHandles(wanted *effect) {
	first := w.confirmation(w.try(call{effect: wanted}))
	second := w.confirmation(w.try(call{effect: wanted}))
	w.atOnce(first, second)
}

// again wants an effect that was wanted before, and agrees to the duplicate.
func (w *worker) again() {
	if before := w.history.pick(w.IntN); before != nil {
		w.agree(w.try(call{effect: before.effect}))
	}
}

// otherArguments uses a handle for what nobody agreed to: another effect, or the same with another amount.
func (w *worker) otherArguments(wanted *effect) {
	asked := w.confirmation(w.try(call{effect: wanted}))
	if asked.handle == "" {
		return
	}
	other := w.mint(wanted.tool)
	if w.one(2) && wanted.tool != toolCreateKey {
		other.marker = wanted.marker
	}
	w.try(call{effect: other, handle: asked.handle, foreign: true})
	w.agree(asked)
}

// stale repeats any call of the past that came with a handle.
func (w *worker) stale() {
	if before := w.history.pick(w.IntN); before != nil {
		w.try(*before)
	}
}

// sameKey uses one idempotency key for two handles, and for another effect.
func (w *worker) sameKey(wanted *effect) {
	if !takesKey(wanted) {
		w.plainly(wanted)
		return
	}
	key := fmt.Sprintf("key-%d", wanted.number)
	first := w.confirmation(w.try(call{effect: wanted, key: key}))
	second := w.confirmation(w.try(call{effect: wanted, key: key}))
	other := w.confirmation(w.try(call{effect: w.mint(wanted.tool), key: key}))
	w.atOnce(first, second)
	w.agree(other)
}

// takesKey reports whether the platform knows the tool's idempotency keys.
func takesKey(e *effect) bool { return e.tool == toolSettle || e.tool == toolRedeem }

// tooMuch is above the limit of a call.
func (w *worker) tooMuch(wanted *effect) {
	if wanted.units > 0 {
		wanted.units += 1_500_000_000
	}
	w.agree(w.try(call{effect: wanted}))
}

// look reads, which must always work.
func (w *worker) look() {
	s := w.server(w.IntN(2))
	if s == nil {
		return
	}
	tool, arguments := "list_pending_payments", map[string]any{}
	if w.one(2) {
		tool, arguments = "verify_payment_token", map[string]any{"token": "m-0"}
	}
	if _, err := readAnswer(<-s.call(tool, arguments).reply); err != nil {
		w.history.fail(err)
	}
}

func (w *worker) atOnce(first, second call) {
	var group sync.WaitGroup
	start := w.IntN(2)
	other := &worker{w.episode, rand.New(rand.NewPCG(w.Uint64(), 0))}
	group.Go(func() { other.tryAt(1-start, second) })
	w.tryAt(start, first)
	group.Wait()
}

func (w *worker) try(c call) call { return w.tryAt(w.IntN(2), c) }

// tryAt makes a call on a server, and lets a nemesis loose on it now and then.
func (w *worker) tryAt(at int, c call) call {
	c.answer = answer{Lost: true}
	if !w.spend() {
		return c
	}
	s := w.server(at)
	if s == nil {
		return c
	}
	arguments := c.effect.arguments()
	if c.handle != "" {
		arguments["confirmation"] = c.handle
	}
	if c.key != "" {
		arguments["idempotency_key"] = c.key
	}
	sent := s.call(c.effect.tool, arguments)
	switch n := w.IntN(2400); {
	case n < 6:
		w.kills.Add(1)
		s.kill()
	case n < 9:
		s.hangUp()
	case n < 11:
		s.terminate()
	case n < 61:
		s.cancel(sent)
	}
	var err error
	if c.answer, err = readAnswer(<-sent.reply); err != nil {
		w.history.fail(err)
	}
	w.history.note(c)
	if c.answer.Refused == "upstream_unavailable" {
		w.kills.Add(1)
		s.kill() // it sends nothing for a while, and nothing is learned from that
	}
	return c
}

func (h *history) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken = append(h.broken, err.Error())
}
