package client

import "net/http"

// How a platform words that a balance does not cover a call where its status says only that the call is bad. Clients of
// 2026 read the amount after "available: ", so that this much of the text is kept.
var (
	notCovered = compiled(`(?i)\b(insufficient|not enough)[ _-]+([a-z]+[ _-]+){0,2}(balance|funds|credits?)\b`)
	overAsked  = compiled(`(?i)\bavailable: *\d`)
)

// refusalKind gives the sentinel of an answer that is no success. The status says most of it; two statuses mean
// something else where money is moved.
func refusalKind(e *exchange, apiError *APIError) error {
	switch {
	case apiError.StatusCode == http.StatusUnprocessableEntity && e.keyed:
		// To correct the call and to send it under a fresh key would charge twice.
		apiError.Message = joinSentence("the idempotency key belongs to another call, which may have been carried out", apiError.Message)
		return ErrConflict
	case apiError.StatusCode == http.StatusBadRequest && notCovered().MatchString(apiError.Code+": "+apiError.Message),
		apiError.StatusCode == http.StatusBadRequest && e.operation.Class == Money && overAsked().MatchString(apiError.Message):
		return ErrInsufficientFunds
	default:
		return statusKind(apiError.StatusCode)
	}
}

// statusKind gives the sentinel of a status that is no success.
func statusKind(status int) error {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return ErrInvalidArgument
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusPaymentRequired:
		return ErrInsufficientFunds
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusMethodNotAllowed, http.StatusGone:
		return ErrUnsupported
	case http.StatusRequestTimeout:
		return ErrTimeout
	case http.StatusConflict:
		return ErrConflict
	case http.StatusTooManyRequests:
		return ErrRateLimited
	}
	switch {
	case status >= http.StatusInternalServerError:
		return ErrUpstream
	case status >= http.StatusBadRequest:
		return ErrRejected
	default:
		return ErrRedirect
	}
}
