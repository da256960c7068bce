package client

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Sentinel errors, to be matched with [errors.Is] against what the client's methods return.
var (
	// ErrMissingKey means that no API key is configured; nothing was sent.
	ErrMissingKey = errors.New("no API key")
	// ErrUnauthorized means that the platform does not accept the API key (401).
	ErrUnauthorized = errors.New("API key not accepted")
	// ErrInsufficientFunds means that the balance does not cover the call (402, or a 400 that says so).
	ErrInsufficientFunds = errors.New("insufficient funds")
	// ErrForbidden means that the key lacks a permission (403).
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound means that the thing asked for does not exist or is not visible to the key (404).
	ErrNotFound = errors.New("not found")
	// ErrConflict means that the call clashes with the platform's state, for example a taken name (409), or with an
	// earlier call of the same idempotency key (422): that one may have been carried out.
	ErrConflict = errors.New("conflict")
	// ErrInvalidArgument means that a value was refused, here before sending or by the platform (400, 413, 422).
	ErrInvalidArgument = errors.New("invalid argument")
	// ErrRateLimited means that too many calls were made (429); see [APIError.RetryAfter].
	ErrRateLimited = errors.New("rate limited")
	// ErrUnsupported means that this platform serves no route for the operation (404, 405 or 410 on all of them).
	ErrUnsupported = errors.New("not supported by this platform")
	// ErrRejected means that the platform answered with success but its body says that the call failed.
	ErrRejected = errors.New("rejected by the platform")
	// ErrUpstream means that the platform failed (5xx).
	ErrUpstream = errors.New("platform failure")
	// ErrUnavailable means that the platform could not be reached.
	ErrUnavailable = errors.New("platform unreachable")
	// ErrTimeout means that the platform did not answer in time.
	ErrTimeout = errors.New("timed out")
	// ErrBadResponse means that what answered is not the platform's JSON, or not the whole of it.
	ErrBadResponse = errors.New("unusable response")
	// ErrRedirect means that the platform's address answered with a redirect, which is never followed.
	ErrRedirect = errors.New("unexpected redirect")
	// ErrOutcomeUnknown means that a write was sent but no valid answer came: it may or may not have happened.
	ErrOutcomeUnknown = errors.New("outcome unknown")
	// ErrAmountMismatch means that the platform's answer tells another amount than the call asked for, or none that can
	// be. What moved is not known then, so that the error matches [ErrOutcomeUnknown], too.
	ErrAmountMismatch = errors.New("the amount is not the one asked for")
	// ErrCanceled means that the caller gave up.
	ErrCanceled = errors.New("canceled")
)

// APIError is what went wrong with one call of the platform.
type APIError struct {
	// Operation says what was attempted, for example "list agents".
	Operation string
	// StatusCode is the HTTP status, or 0 when no answer came.
	StatusCode int
	// Code is the platform's own error code, or empty.
	Code string
	// Message is the platform's or the network's explanation in one line, stripped of control characters and secrets.
	Message string
	// AgentText is what came with the failure of a call to an agent, in one line and stripped as Message is, or empty. It
	// may be the agent's own words, those of a third party: Message and Error never hold it.
	AgentText string
	// RequestID is the platform's id of the request, for its support, or empty.
	RequestID string
	// RetryAfter is how long to wait before the next call: as the platform asks, or because it failed too often. Or 0.
	RetryAfter time.Duration
	// NotSent reports that no byte of the call reached the platform, or that its HTTP/2 server took none of it up.
	NotSent bool
	// Data is the JSON object that came with the error, or nil. It is the platform's text: do not print it unread.
	Data json.RawMessage

	kind   error
	causes []error
}

// Error says what failed and why in one line. It holds no URL, no secret and no verbatim body.
func (e *APIError) Error() string {
	var b strings.Builder
	if e.Operation != "" {
		b.WriteString(e.Operation)
		b.WriteString(": ")
	}
	b.WriteString(e.kind.Error())
	if e.StatusCode != 0 {
		b.WriteString(" (HTTP ")
		b.WriteString(strconv.Itoa(e.StatusCode))
		b.WriteString(")")
	}
	if e.Message != "" {
		b.WriteString(": ")
		b.WriteString(e.Message)
	}
	if e.RequestID != "" {
		b.WriteString(" [request ")
		b.WriteString(e.RequestID)
		b.WriteString("]")
	}
	return b.String()
}

// Unwrap gives the sentinels that the error matches; an unknown outcome also matches what caused it.
func (e *APIError) Unwrap() []error { return append([]error{e.kind}, e.causes...) }

// Kind returns the sentinel that describes the error best.
func (e *APIError) Kind() error { return e.kind }

// invalidArgument is the error for a value that is refused before anything is sent.
func invalidArgument(operation, message string) *APIError {
	return &APIError{Operation: operation, Message: message, NotSent: true, kind: ErrInvalidArgument}
}
