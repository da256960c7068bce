package client

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
)

// Client speaks to one Robutler Platform. It is safe for concurrent use.
type Client struct {
	// Agents lists, finds, changes and calls agents.
	Agents *AgentsService
	// Content lists, reads, uploads and deletes files.
	Content *ContentService
	// User reads the profile, the credits and the transactions of the key's owner.
	User *UserService
	// APIKeys lists, creates and deletes the owner's API keys.
	APIKeys *APIKeysService
	// Tokens validates, locks, settles and delegates payment tokens.
	Tokens *TokensService
	// Facilitator verifies, settles and exchanges x402 payments.
	Facilitator *FacilitatorService
	// Intents publishes and searches intents.
	Intents *IntentsService

	settings   settings
	base       *url.URL
	api        string
	resty      *resty.Client
	operations []operation
	learned    []atomic.Int32
	budget     *retryBudget
	upstream   *upstream
}

// New builds a client. Without options the key comes from WEBAGENTS_API_KEY (then ROBUTLER_API_KEY) and the address
// from ROBUTLER_INTERNAL_API_URL, then ROBUTLER_API_URL, then https://robutler.ai. It returns [ErrMissingKey] when no
// key is given and [ErrInvalidArgument] when an option is unusable. Nothing is sent.
func New(options ...Option) (*Client, error) {
	s := settings{
		timeout:    DefaultTimeout,
		maxRetries: DefaultMaxRetries,
		userAgent:  "robutler-go",
		logger:     slog.New(slog.DiscardHandler),
		jitter:     rand.Float64,
	}
	return build(s, options)
}

// Clone builds a client that shares this one's connections and settings, changed by options, and its circuit breaker
// where the host and the connections stay the same. What it learned about the platform's generation is not taken along,
// since the options may name another platform.
func (c *Client) Clone(options ...Option) (*Client, error) {
	return build(c.settings, options)
}

// BaseURL returns the platform's address.
func (c *Client) BaseURL() string { return c.base.String() }

func build(s settings, options []Option) (*Client, error) {
	for _, option := range options {
		if err := option(&s); err != nil {
			return nil, err
		}
	}
	if s.key == nil {
		key, err := EnvironmentKey()
		if err != nil {
			return nil, err
		}
		if err := WithAPIKey(key)(&s); err != nil {
			return nil, err
		}
	}
	if s.baseURL == "" {
		s.baseURL = EnvironmentBaseURL()
	}
	base, err := parseBaseURL(s.baseURL, s.allowPlainHTTP)
	if err != nil {
		return nil, fmt.Errorf("use base URL: %w", err)
	}
	if s.transport == nil {
		s.transport = newTransport(s.wrap)
	}
	if s.upstreams == nil {
		s.upstreams = newUpstreams()
	}

	c := &Client{settings: s, base: base, api: base.String() + "/api", operations: newOperations(), budget: newRetryBudget(), upstream: s.upstreams.of(base)}
	c.learned = make([]atomic.Int32, operationCount)
	c.resty = newResty(s)
	c.Agents = &AgentsService{c}
	c.Content = &ContentService{c}
	c.User = &UserService{c}
	c.APIKeys = &APIKeysService{c}
	c.Tokens = &TokensService{c}
	c.Facilitator = &FacilitatorService{c}
	c.Intents = &IntentsService{c}
	return c, nil
}

// operation gives an entry of the table.
func (c *Client) operation(id operationID) *operation { return &c.operations[id] }

// newResty sets resty up so that nothing of its defaults decides a retry, follows a redirect, logs or buffers: see
// retry.go and exchange.go for what does.
func newResty(s settings) *resty.Client {
	r := resty.NewWithClient(&http.Client{Transport: &exchangeTransport{next: s.transport, observer: s.observer}})
	r.SetLogger(silentLogger{})
	r.SetHeader("User-Agent", s.userAgent)
	r.SetHeader("Accept", "application/json")
	r.SetRedirectPolicy(resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}))
	r.SetDoNotParseResponse(true)
	r.SetRetryCount(s.maxRetries)
	r.SetRetryWaitTime(time.Nanosecond)
	r.SetRetryMaxWaitTime(maxRetryAfter)
	r.AddRetryCondition(mayRetry)
	r.SetRetryAfter(retryDelay)
	return r
}

// silentLogger keeps resty from writing to stderr; errors are returned, not logged.
type silentLogger struct{}

func (silentLogger) Errorf(string, ...any) {}
func (silentLogger) Warnf(string, ...any)  {}
func (silentLogger) Debugf(string, ...any) {}
