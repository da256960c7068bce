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

	mu    sync.Mutex
	keys  oidc.KeySet
	tried time.Time
	fault error // of the last try
}

func newIssuer(address string, now func() time.Time) (*issuer, error) {
	if err := checkIssuerURL(address); err != nil {
		return nil, fmt.Errorf("use the issuer %q: %w", address, err)
	}
	return &issuer{url: address, now: now, client: &http.Client{
		Timeout: issuerTime,
		Transport: &boundedTransport{
			next: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: issuerTime,
				IdleConnTimeout: time.Minute, MaxIdleConns: 2},
			limit: rate.NewLimiter(rate.Every(fetchEvery), fetchBurst), now: now,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
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

// keySet gives the issuer's keys, after discovering where they are.
func (i *issuer) keySet(ctx context.Context) (oidc.KeySet, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.keys != nil {
		return i.keys, nil
	}
	now := i.now()
	if i.fault != nil && now.Sub(i.tried) < discoverEvery && !now.Before(i.tried) {
		return nil, i.fault
	}
	i.tried = now
	i.keys, i.fault = i.discover(ctx)
	return i.keys, i.fault
}

// discover reads where the issuer's keys are. Nobody's leaving ends it: others wait for the outcome, too.
func (i *issuer) discover(ctx context.Context) (oidc.KeySet, error) {
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), i.client)
	provider, err := oidc.NewProvider(ctx, i.url)
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
	return oidc.NewRemoteKeySet(ctx, found.Keys), nil
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
	next  http.RoundTripper
	limit *rate.Limiter
	now   func() time.Time
}

func (t *boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !t.limit.AllowN(t.now(), 1) {
		return nil, fmt.Errorf("%w: it was asked too often", errIssuer)
	}
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errIssuer, err)
	}
	defer func() { _ = response.Body.Close() }() // it was read, or is of no use
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: it answered with HTTP status %d", errIssuer, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errIssuer, err)
	case len(body) > maxDocument:
		return nil, fmt.Errorf("%w: its document is longer than 512 KiB", errIssuer)
	case !json.Valid(body):
		return nil, fmt.Errorf("%w: its document is no JSON", errIssuer)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
