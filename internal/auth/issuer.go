package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/time/rate"
)

const (
	// maxDocument bounds what an issuer publishes about itself and its keys, in bytes.
	maxDocument = 512 << 10
	// issuerTime bounds one request to the issuer.
	issuerTime = 10 * time.Second
	// discoverEvery is how often an issuer that cannot be reached is asked again, at most.
	discoverEvery = 5 * time.Second
	// fetchEvery and fetchBurst bound how often keys are fetched: everybody can send a token that names a key which
	// nobody knows.
	fetchEvery = 5 * time.Second
	fetchBurst = 5
)

// errIssuer says that the issuer does not answer as it should; the token may be as good as any.
var errIssuer = errors.New("the issuer cannot be asked")

// issuer is the one whose tokens are taken. It is discovered when that is first needed, and again until it succeeds.
type issuer struct {
	url    string
	client *http.Client
	now    func() time.Time
	life   context.Context // until the issuer is closed
	end    context.CancelFunc

	mu          sync.Mutex
	keys        oidc.KeySet
	discovering chan struct{} // closed with the outcome; nil while nobody asks
	discovery   outcome
	keysURL     string
	held        bool // keys were fetched once: they are kept
	fetch       outcome
}

// outcome is how the last try ended, and when.
type outcome struct {
	fault error
	at    time.Time
}

// recent reports whether it is too early for another try after a fault.
func (o outcome) recent(now time.Time) bool {
	return o.fault != nil && now.Sub(o.at) < discoverEvery && !now.Before(o.at)
}

func newIssuer(address string, now func() time.Time) (*issuer, error) {
	if err := checkIssuerURL(address); err != nil {
		return nil, fmt.Errorf("use the issuer %q: %w", address, err)
	}
	i := &issuer{url: address, now: now}
	i.life, i.end = context.WithCancel(context.Background())
	i.client = &http.Client{
		Timeout: issuerTime,
		Transport: &boundedTransport{
			next: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: issuerTime,
				IdleConnTimeout: time.Minute, MaxIdleConns: 2},
			limit: rate.NewLimiter(rate.Every(fetchEvery), fetchBurst), now: now, fetched: i.fetched,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return i, nil
}

// checkIssuerURL wants https, save on loopback, and nothing that an issuer's address has not.
func checkIssuerURL(address string) error {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Host == "" || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "":
		return errors.New("it must look like https://login.example.com")
	case parsed.Scheme != "https" && (parsed.Scheme != "http" || !isLoopback(parsed.Hostname())):
		return errors.New("it must be https: whoever can change its keys on the way can be anybody")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// keySet gives the issuer's keys, after discovering where they are. All that come meanwhile wait for one discovery, each
// until its own context ends.
func (i *issuer) keySet(ctx context.Context) (oidc.KeySet, error) {
	i.mu.Lock()
	if i.keys != nil || i.discovery.recent(i.now()) {
		defer i.mu.Unlock()
		return i.keys, i.discovery.fault
	}
	if i.discovering == nil {
		i.discovering = make(chan struct{})
		go i.discover()
	}
	discovering := i.discovering
	i.mu.Unlock()
	select {
	case <-discovering:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: discover %s: it has not answered yet: %w", errIssuer, i.url, ctx.Err())
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys, i.discovery.fault
}

// discover finds out where the keys are, for all that wait: nobody's leaving ends it.
func (i *issuer) discover() {
	address, err := i.readDocument()
	i.mu.Lock()
	defer i.mu.Unlock()
	if err == nil {
		i.keysURL = address.String()
		i.keys = oidc.NewRemoteKeySet(oidc.ClientContext(i.life, i.client), i.keysURL)
	}
	i.discovery = outcome{err, i.now()}
	close(i.discovering)
	i.discovering = nil
}

// readDocument reads where the issuer's keys are.
func (i *issuer) readDocument() (*url.URL, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(i.life, i.client), i.url)
	if err != nil {
		return nil, fmt.Errorf("%w: discover %s: %w", errIssuer, i.url, briefly(err))
	}
	var found struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&found); err != nil {
		return nil, fmt.Errorf("%w: discover %s: the document is not as it should be", errIssuer, i.url)
	}
	if err := checkIssuerURL(found.Keys); err != nil {
		return nil, fmt.Errorf("%w: use the keys at %q: %w", errIssuer, found.Keys, err)
	}
	return url.Parse(found.Keys)
}

// ready reports why the signature of no token could be checked, or nil. Keys that were fetched once are kept.
func (i *issuer) ready(ctx context.Context) error {
	keys, err := i.keySet(ctx)
	if err != nil {
		return err
	}
	i.mu.Lock()
	held, last := i.held, i.fetch
	i.mu.Unlock()
	switch {
	case held:
		return nil
	case last.recent(i.now()):
		return fmt.Errorf("fetch the keys: %w", last.fault)
	}
	_, err = keys.VerifySignature(ctx, unsigned) // what nobody signed has the keys fetched, and kept
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held {
		return nil
	}
	return fmt.Errorf("%w: fetch the keys: %w", errIssuer, briefly(err))
}

// unsigned is a token that no key fits: {"alg":"RS256"}, {} and a signature of one byte.
const unsigned = "eyJhbGciOiJSUzI1NiJ9.e30.AA"

// fetched learns what came of a request to the issuer.
func (i *issuer) fetched(address *url.URL, document []byte, err error) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.keysURL == "" || address.String() != i.keysURL {
		return err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err == nil && (json.Unmarshal(document, &set) != nil || len(set.Keys) == 0) {
		err = fmt.Errorf("%w: it publishes no keys", errIssuer)
	}
	i.held = i.held || err == nil
	i.fetch = outcome{err, i.now()}
	return err
}

// close ends what is asked of the issuer, and the connections to it.
func (i *issuer) close() {
	i.end()
	i.client.CloseIdleConnections()
}

// maxBrief bounds what is logged of an answer of the issuer, in bytes.
const maxBrief = 200

// briefly cuts an error that may hold a whole document.
func briefly(err error) error {
	if text := err.Error(); len(text) > maxBrief {
		return errors.New(text[:maxBrief] + "...")
	}
	return err
}

// boundedTransport bounds how often and how much is read. Whatever is no success is an error, so that it is not taken for
// the fault of a token.
type boundedTransport struct {
	next    *http.Transport
	limit   *rate.Limiter
	now     func() time.Time
	fetched func(address *url.URL, document []byte, err error) error
}

// CloseIdleConnections lets the client close them.
func (t *boundedTransport) CloseIdleConnections() { t.next.CloseIdleConnections() }

func (t *boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, body, err := t.read(r)
	if err := t.fetched(r.URL, body, err); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// read gives an answer and its body.
func (t *boundedTransport) read(r *http.Request) (*http.Response, []byte, error) {
	if !t.limit.AllowN(t.now(), 1) {
		return nil, nil, fmt.Errorf("%w: it was asked too often", errIssuer)
	}
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errIssuer, err)
	}
	defer func() { _ = response.Body.Close() }() // it was read, or is of no use
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%w: it answered with HTTP status %d", errIssuer, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", errIssuer, err)
	case len(body) > maxDocument:
		return nil, nil, fmt.Errorf("%w: its document is longer than 512 KiB", errIssuer)
	case !json.Valid(body):
		return nil, nil, fmt.Errorf("%w: its document is no JSON", errIssuer)
	}
	return response, body, nil
}
