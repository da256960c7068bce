package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"
)

// Backoff between attempts is drawn evenly from zero to a bound that doubles ("full jitter").
const (
	backoffBase   = 200 * time.Millisecond
	backoffCap    = 5 * time.Second
	maxRetryAfter = 5 * time.Minute
)

var errAttemptTimeout = errors.New("no answer in time")

// mayRetry is the one place that decides whether a call is sent again. It also fixes how long to wait first, since a
// wait that would outlast the call's deadline is a reason not to.
func mayRetry(response *resty.Response, err error) bool {
	if response == nil || response.Request == nil {
		return false
	}
	e := exchangeFrom(response.Request.Context())
	if e == nil || e.over() {
		return false
	}
	if err == nil && e.status < http.StatusMultipleChoices {
		if e.operation.Class == Read {
			e.budget.succeeded() // only reads are repeated, so that only they may earn repeats
		}
		return false
	}
	wait, told := time.Duration(0), false
	if err == nil {
		wait, told = retryAfter(response.Header())
	}
	if !retryable(e, err, told) {
		return false
	}
	if e.delay = wait; !told {
		e.delay = backoff(e.attempts, e.jitter)
	}
	if time.Now().Add(e.delay).After(e.deadline) || e.upstream.breaker.pause() > e.delay || e.upstream.breaker.suspect() {
		return false
	}
	return e.budget.take()
}

// retryDelay hands resty the wait that mayRetry fixed.
func retryDelay(_ *resty.Client, response *resty.Response) (time.Duration, error) {
	if e := exchangeFrom(response.Request.Context()); e != nil {
		return max(e.delay, time.Nanosecond), nil
	}
	return 0, errors.New("wait for retry: not a call of this client")
}

// retryable applies the class of the operation to what an attempt gave. An answer that tells when to come back says
// that the platform has not started.
func retryable(e *exchange, err error, toldToWait bool) bool {
	class := e.operation.Class
	if err != nil {
		if permanent(err) {
			return false
		}
		if e.unsent {
			return class != Secret
		}
		return class == Read
	}
	switch e.status {
	case http.StatusTooManyRequests:
		return class == Read || class == Update || class == Create || class == Delete
	case http.StatusServiceUnavailable:
		return class == Read || ((class == Update || class == Delete) && toldToWait)
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusGatewayTimeout:
		return class == Read
	default:
		return false
	}
}

// permanent reports whether an error would come again: a wrong certificate, an unknown host, an answer that is too
// large, a host that is left alone, a caller that has left, or what may not be sent
// any more.
func permanent(err error) bool {
	if _, ok := errors.AsType[*breakerOpenError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*heldBackError](err); ok {
		return true
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, errResponseTooLarge) || certificateProblem(err) != "" || noSecureConnection(err) {
		return true
	}
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

// certificateProblem says what is wrong with the platform's certificate, or nothing.
func certificateProblem(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate is signed by an authority that this machine does not trust (see SSL_CERT_FILE)"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not valid for this address or this time"
	}
	return ""
}

// noSecureConnection reports whether the two sides could not agree on TLS.
func noSecureConnection(err error) bool {
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	// This is how crypto/tls reports an alert of the other side and one of its own.
	network, ok := errors.AsType[*net.OpError](err)
	return ok && (network.Op == "remote error" || network.Op == "local error")
}

func backoff(attempts int, jitter func() float64) time.Duration {
	bound := backoffCap
	if attempts < 6 {
		bound = min(backoffBase<<(attempts-1), backoffCap)
	}
	return time.Duration(jitter() * float64(bound))
}

// retryAfter reads a Retry-After header: seconds, or a date, which is measured against the answer's own Date so that a
// wrong clock on either side does not matter. The wait is at most 5 minutes.
func retryAfter(header http.Header) (time.Duration, bool) {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 32)
		if err != nil || time.Duration(seconds)*time.Second > maxRetryAfter {
			return maxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	now := time.Now()
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(until.Sub(now), 0), maxRetryAfter), true
}

// The retry budget keeps a failing platform from being hit harder than a healthy one: a retry costs ten successes.
const (
	budgetTokens = 100
	retryCost    = 10
)

type retryBudget struct {
	mu     sync.Mutex
	tokens int
}

func newRetryBudget() *retryBudget { return &retryBudget{tokens: budgetTokens} }

func (b *retryBudget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < retryCost {
		return false
	}
	b.tokens -= retryCost
	return true
}

func (b *retryBudget) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+1, budgetTokens)
}
