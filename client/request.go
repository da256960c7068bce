package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// call is what an operation sends: identifiers for its path, and a query, a JSON body or an upload.
type call struct {
	identifiers map[string]string
	query       url.Values
	body        any
	upload      *uploadBody
	// adapt rewrites the call for a route that wants it in another form. It may be nil.
	adapt func(route) call
}

// answer is a successful answer of the platform: its JSON, and which route gave it.
type answer struct {
	body  []byte
	route route
}

// do carries out an operation: it walks the routes that may serve it, newest first, until one does, and remembers it.
func (c *Client) do(ctx context.Context, o *operation, request call) (answer, error) {
	key, err := c.settings.key(ctx)
	if err == nil {
		key, err = checkKey(key)
	}
	if err != nil {
		return answer{}, keyError(o, err)
	}

	candidates := o.routes
	if learned := c.learned[o.index].Load(); learned > 0 {
		candidates = o.routes[learned-1 : learned]
	}
	var last error
	for _, candidate := range candidates {
		adapted := request
		if request.adapt != nil {
			adapted = request.adapt(candidate)
		}
		body, err := c.send(ctx, o, candidate, adapted, key)
		if err == nil {
			c.remember(o, candidate)
			return answer{body: body, route: candidate}, nil
		}
		last = err
		if !absent(err) {
			return answer{}, err
		}
	}
	return answer{}, unserved(o, last)
}

// remember notes which route serves the operation, where there was a choice.
func (c *Client) remember(o *operation, served route) {
	if len(o.routes) < 2 {
		return
	}
	for i := range o.routes {
		if o.routes[i] == served {
			c.learned[o.index].Store(int32(i) + 1)
		}
	}
}

// absent reports whether an error may mean that the platform does not have the route, so that the next is to be tried.
func absent(err error) bool {
	var apiError *APIError
	if !errors.As(err, &apiError) {
		return false
	}
	return apiError.StatusCode == http.StatusNotFound || apiError.StatusCode == http.StatusMethodNotAllowed
}

// unserved turns the last 404 or 405 of a call without an identifier in its path into [ErrUnsupported]: it is the
// route that is not there, not a thing.
func unserved(o *operation, err error) error {
	var apiError *APIError
	if !errors.As(err, &apiError) {
		return err
	}
	for _, candidate := range o.routes {
		if hasPlaceholder(candidate.path) && apiError.StatusCode == http.StatusNotFound {
			return err
		}
	}
	apiError.kind = ErrUnsupported
	return apiError
}

func hasPlaceholder(path string) bool {
	for i := range len(path) {
		if path[i] == '{' {
			return true
		}
	}
	return false
}

// send asks one route and gives the JSON of a success.
func (c *Client) send(ctx context.Context, o *operation, to route, request call, key string) ([]byte, error) {
	path, err := expandPath(to.path, request.identifiers)
	if err != nil {
		return nil, invalidArgument(o.name, plainMessage(err))
	}
	timeout := c.settings.timeout
	if request.upload != nil {
		timeout += request.upload.allowance()
	}
	e := &exchange{
		operation: o,
		timeout:   timeout,
		deadline:  time.Now().Add(timeout + timeout/2),
		upload:    request.upload,
		budget:    c.budget,
		jitter:    c.settings.jitter,
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(e.deadline) {
		e.deadline = deadline
	}
	bounded, cancel := context.WithDeadline(ctx, e.deadline)
	defer cancel()

	r := c.resty.R().SetContext(withExchange(bounded, e))
	r.SetHeader("Authorization", "Bearer "+key)
	r.SetHeader("X-API-Key", key)
	if request.query != nil {
		r.SetQueryParamsFromValues(request.query)
	}
	if err := setBody(r, request); err != nil {
		return nil, fmt.Errorf("%s: encode the request: %w", o.name, err)
	}
	started := time.Now()
	response, err := r.Execute(to.method, c.base.String()+"/api"+path)
	c.settings.logger.LogAttrs(ctx, slog.LevelDebug, "platform call",
		slog.String("operation", o.name), slog.String("route", to.method+" "+to.path), slog.Int("status", e.status),
		slog.Int("attempts", e.attempts), slog.Duration("duration", time.Since(started)))
	if err != nil {
		return nil, transportError(ctx, e, err)
	}
	return readAnswer(e, response, key)
}

func setBody(r *resty.Request, request call) error {
	switch {
	case request.upload != nil:
		r.SetHeader("Content-Type", request.upload.contentType)
	case request.body != nil:
		encoded, err := json.Marshal(request.body)
		if err != nil {
			return err
		}
		r.SetHeader("Content-Type", "application/json")
		r.SetBody(encoded)
	}
	return nil
}

func keyError(o *operation, err error) error {
	if errors.Is(err, ErrMissingKey) {
		message := strings.TrimPrefix(strings.TrimPrefix(err.Error(), ErrMissingKey.Error()), ": ")
		if message == "" {
			message = "set " + KeyVariable
		}
		return &APIError{Operation: o.name, kind: ErrMissingKey, NotSent: true, Message: message}
	}
	if errors.Is(err, ErrInvalidArgument) {
		return invalidArgument(o.name, plainMessage(err))
	}
	return fmt.Errorf("%s: get the API key: %w", o.name, err)
}
