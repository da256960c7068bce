package client

import (
	"errors"
	"strings"
)

// How net/http words that an HTTP/2 server did not take up a request: it refused the stream, or said goodbye and named
// an earlier stream as the last that it looked at. Both promise that nothing was done (RFC 9113, sections 6.8 and
// 8.7). net/http keeps the types of these errors to itself, so that their text is all there is; a test holds it to
// real frames. Whole texts are compared, since a goodbye may carry words of the server's.
const (
	saidGoodbye   = "http2: Transport received Server's graceful shutdown GOAWAY"
	notRepeated   = "http2: Transport: cannot retry err ["
	notRepeatable = "] after Request.Body was written; define Request.GetBody to avoid this error"
)

var streamRefused = compiled(`^stream error: stream ID [0-9]+; REFUSED_STREAM; received from peer$`)

// unprocessed reports whether the platform's HTTP/2 server said that it did not take up the request.
func unprocessed(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		text := err.Error()
		if inner, ok := strings.CutPrefix(text, notRepeated); ok {
			text, ok = strings.CutSuffix(inner, notRepeatable)
			if !ok {
				return false
			}
		}
		if text == saidGoodbye || streamRefused().MatchString(text) {
			return true
		}
	}
	return false
}
