package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// call is what an operation sends: identifiers for its path, and a query, a JSON body or an upload.
type call struct {
	identifiers map[string]string
	// query is encoded.
	query  string
	body   any
	upload *uploadBody
	// idempotencyKey lets the platform answer a repeat with the first result.
	idempotencyKey string
	// patience is how long an attempt may take where that is longer than usual.
	patience time.Duration
	// streaming asks for an event stream.
	streaming bool
	// adapt rewrites the call for a route that wants it in another form. It may be nil.
	adapt func(Route) call
}

// answer is a successful answer of the platform, and which route gave it.
type answer struct {
	body []byte
	// members are those of the body where it is a JSON object.
	members     []part
	contentType string
	disposition string
	route       Route
	replayed    bool
	// stream is an event stream that the caller reads and closes, in place of the body.
	stream io.ReadCloser
}

// answerStream ends the call's bounds with the stream.
type answerStream struct {
	io.ReadCloser
	done context.CancelFunc
}

func (s *answerStream) Close() error {
	defer s.done()
	return s.ReadCloser.Close()
}

// do carries out an operation: it walks the routes that may serve it, newest first, until one does, and remembers it.
func (c *Client) do(ctx context.Context, o *operation, request call) (answer, error) {
	key, err := c.settings.key(ctx)
	if err == nil {
		key, err = checkKey(key)
	}
	if o.keyless && errors.Is(err, ErrMissingKey) {
		key, err = "", nil
	}
	if err != nil {
		return answer{}, keyError(o, err)
	}

	c.probe(ctx, o)
	var last error
	for _, candidate := range c.candidates(o) {
		adapted := request
		if request.adapt != nil {
			adapted = request.adapt(candidate)
		}
		got, err := c.send(ctx, o, candidate, adapted, key)
		if err == nil {
			c.remember(o, candidate)
			got.route = candidate
			return got, nil
		}
		if !mayBeElsewhere(o, err) {
			return answer{}, err
		}
		if last == nil || lacksRoute(last) {
			last = err
		}
	}
	return answer{}, unserved(o, last)
}

// candidates gives the routes that may serve an operation: the one that did before first, so that it is asked alone as
// long as it answers. The others follow for a thing that only they find, and for a platform that has changed.
func (c *Client) candidates(o *operation) []Route {
	learned := int(c.learned[o.id].Load())
	if learned == 0 {
		return o.Routes
	}
	ordered := []Route{o.Routes[learned-1]}
	for i, other := range o.Routes {
		if i != learned-1 {
			ordered = append(ordered, other)
		}
	}
	return ordered
}

// remember notes which route serves the operation, where there was a choice.
func (c *Client) remember(o *operation, served Route) {
	if len(o.Routes) < 2 {
		return
	}
	for i := range o.Routes {
		if o.Routes[i] == served {
			c.learned[o.id].Store(int32(i) + 1)
		}
	}
}

// send asks one route.
func (c *Client) send(ctx context.Context, o *operation, to Route, request call, key string) (answer, error) {
	started := time.Now()
	e, r, err := c.prepare(ctx, o, to, request, key)
	if err != nil {
		return answer{}, err
	}
	response, err := r.Send()
	c.logCall(ctx, e, time.Since(started))
	c.reportClockSkew(ctx)
	if err != nil {
		if e.stream != nil {
			_ = e.stream.Close() // nobody else will
		}
		return answer{}, transportError(ctx, e, err)
	}
	if e.stream != nil {
		return answer{stream: e.stream}, nil // it is read after this call; closing it ends what bounds it
	}
	header := response.Header()
	body, err := readAnswer(ctx, e, header, key)
	if err != nil {
		return answer{}, err
	}
	return answer{
		body: body, members: e.members, contentType: header.Get("Content-Type"), disposition: header.Get("Content-Disposition"),
		replayed: strings.EqualFold(header.Get("Idempotent-Replayed"), "true"),
	}, nil
}

func (c *Client) logCall(ctx context.Context, e *exchange, took time.Duration) {
	if !c.settings.logger.Enabled(ctx, slog.LevelDebug) {
		return // ahead of making what it would log
	}
	c.settings.logger.LogAttrs(ctx, slog.LevelDebug, "platform call",
		slog.String("operation", e.operation.Name), slog.String("route", e.route.Method+" "+e.route.Path), slog.Int("status", e.status),
		slog.Int("attempts", e.attempts), slog.Duration("duration", took))
}

// prepare builds the request for a route.
func (c *Client) prepare(ctx context.Context, o *operation, to Route, request call, key string) (*exchange, *resty.Request, error) {
	path, err := expandPath(to.Path, request.identifiers)
	if err != nil {
		return nil, nil, invalidArgument(o.Name, plainMessage(err))
	}
	timeout := c.patience(o, request)
	e := &exchange{
		operation: o, route: to, timeout: timeout, deadline: time.Now().Add(timeout + timeout/2), upload: request.upload,
		streaming: request.streaming, budget: c.budget, upstream: c.upstream, jitter: c.settings.jitter, unsent: true,
		keyed: request.idempotencyKey != "",
	}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(e.deadline) {
		e.deadline = deadline
	}
	r := c.resty.R().SetContext(withExchange(ctx, e))
	r.Method, r.URL = to.Method, c.api+path
	if request.query != "" {
		r.URL = c.api + path + "?" + request.query
	}
	setHeader(r.Header, request, key)
	if err := setBody(r, request); err != nil {
		return nil, nil, fmt.Errorf("%s: encode the request: %w", o.Name, err)
	}
	return e, r, nil
}

// patience is how long an attempt may take.
func (c *Client) patience(o *operation, request call) time.Duration {
	timeout := c.settings.timeout
	if request.upload != nil {
		timeout += request.upload.allowance()
	}
	timeout = max(timeout, request.patience)
	if o.id == healthGet {
		timeout = min(timeout, healthTimeout)
	}
	return timeout
}

// setHeader names headers as HTTP does, so that nothing has to be spelled anew for each call.
func setHeader(header http.Header, request call, key string) {
	if key != "" {
		values := []string{"Bearer " + key, key}
		header["Authorization"], header["X-Api-Key"] = values[:1:1], values[1:]
	}
	if request.streaming {
		header["Accept"] = []string{"text/event-stream"}
	}
	if request.idempotencyKey != "" {
		header["Idempotency-Key"] = []string{request.idempotencyKey}
	}
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
		return &APIError{Operation: o.Name, kind: ErrMissingKey, NotSent: true, Message: message}
	}
	if errors.Is(err, ErrInvalidArgument) {
		return invalidArgument(o.Name, plainMessage(err))
	}
	return fmt.Errorf("%s: get the API key: %w", o.Name, err)
}
