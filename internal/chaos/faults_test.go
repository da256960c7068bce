package chaos

// fault is where the platform, or the network before it, breaks.
type fault int

// The injection points. Where a request can have its effect though its answer is lost, the client must take the outcome
// for unknown; where it says that it had none, the client must believe it.
const (
	noFault fault = iota
	// beforeAccept resets a new connection before anything is read. It is drawn by connection, not by request.
	beforeAccept
	// afterRead closes once the request is read; it has no effect.
	afterRead
	// beforeCommit closes first, and has the effect when the client knows of the loss already.
	beforeCommit
	// afterCommit has the effect and closes.
	afterCommit
	// midHeader, midBody and reset have the effect, and lose the answer on its way.
	midHeader
	midBody
	reset
	// failAfterCommit and failBeforeCommit answer 5xx.
	failAfterCommit
	failBeforeCommit
	// redirect points to the same platform at another port, where it would be done.
	redirect
	// html answers 200 with a web page, done or not.
	html
	// slow has the effect and answers only after other requests came.
	slow
	// stall has the effect and never answers.
	stall
	// duplicate delivers a request twice. HTTP lets a proxy repeat a POST only if it is known to be idempotent, which is
	// what an Idempotency-Key says; the platform absorbs the second delivery by that key. Without one it is no fault.
	duplicate
	// refuse is no fault but a plain no of the platform: 4xx, or success false.
	refuse
	// killOnRead, killOnCommit and killOnAnswer end the server with SIGKILL when its request was read, when it was done,
	// and when the answer was written.
	killOnRead
	killOnCommit
	killOnAnswer
	faultCount
)

// hash mixes numbers into one that is as good as random (the finalizer of SplitMix64).
func hash(parts ...uint64) uint64 {
	var mixed uint64
	for _, part := range parts {
		mixed += part + 0x9e3779b97f4a7c15
		mixed = (mixed ^ mixed>>30) * 0xbf58476d1ce4e5b9
		mixed = (mixed ^ mixed>>27) * 0x94d049bb133111eb
		mixed ^= mixed >> 31
	}
	return mixed
}

// draw gives the fault of the nth request of an effect. Most requests have none: the server stops sending for a while to
// a host that fails five times in a row, and a server that sends nothing proves nothing.
func draw(seed, effect, nth uint64) fault {
	drawn := hash(seed, effect, nth)
	switch part := drawn % 1000; {
	case part < 16:
		return killOnRead + fault(drawn>>32%3)
	case part < 18:
		return stall
	case part < 60:
		return refuse
	case part < 100:
		return duplicate
	case part < 120:
		return slow
	case part < 300:
		return afterRead + fault(drawn>>32%uint64(slow-afterRead))
	default:
		return noFault
	}
}
