// Package auth finds out who calls over HTTP: by the platform's key that each request carries, or by an access token of
// an OpenID provider. It keeps nothing that is found out.
package auth

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/server"
)

const (
	// minBearer and maxBearer bound a credential, in bytes.
	minBearer = 16
	maxBearer = 8 << 10
)

// The errors of RFC 6750, 3.1.
const (
	errorInvalidRequest    = "invalid_request"
	errorInvalidToken      = "invalid_token"
	errorInsufficientScope = "insufficient_scope"
)

// challenge is the value of WWW-Authenticate as RFC 6750 and RFC 9728 have it. Its members hold nothing of a request.
type challenge struct {
	kind        string // an error of RFC 6750; empty when there were no credentials
	description string
	scope       string
	metadata    string // address of the resource's metadata
}

func (c challenge) String() string {
	members := []string{`realm="robutler-mcp"`}
	for _, member := range [][2]string{
		{"error", c.kind}, {"error_description", c.description}, {"scope", c.scope}, {"resource_metadata", c.metadata},
	} {
		if member[1] != "" {
			members = append(members, member[0]+`="`+quotable(member[1])+`"`)
		}
	}
	return "Bearer " + strings.Join(members, ", ")
}

// quotable leaves out what ends or escapes a quoted string, or a header.
func quotable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, text)
}

// fault is why there is no credential to look at.
type fault struct {
	status       int
	kind, reason string
}

// bearerOf takes the credential of a request: from one Authorization header alone, since addresses end up in logs.
func bearerOf(r *http.Request) (string, *fault) {
	for _, parameter := range []string{"access_token", "token", "api_key"} {
		if hasParameter(r.URL.RawQuery, parameter) {
			return "", &fault{http.StatusBadRequest, errorInvalidRequest,
				"credentials in the address are refused, as others can read it: send them as Authorization: Bearer, and replace those that were sent"}
		}
	}
	headers := r.Header.Values("Authorization")
	switch len(headers) {
	case 0:
		return "", &fault{http.StatusUnauthorized, "", "the header Authorization: Bearer is missing"}
	case 1:
		return parseBearer(headers[0])
	default:
		return "", &fault{http.StatusBadRequest, errorInvalidRequest, "there is more than one Authorization header"}
	}
}

// hasParameter reports whether a query names a parameter, however odd the rest of it is.
func hasParameter(query, parameter string) bool {
	for pair := range strings.FieldsFuncSeq(query, func(r rune) bool { return r == '&' || r == ';' }) {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if strings.EqualFold(name, parameter) {
			return true
		}
	}
	return false
}

// parseBearer reads the value of an Authorization header.
func parseBearer(header string) (string, *fault) {
	scheme, credential, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", &fault{http.StatusUnauthorized, "", "the Authorization header must be of the scheme Bearer"}
	}
	credential = strings.Trim(credential, " ")
	switch {
	case len(credential) < minBearer || len(credential) > maxBearer:
		return "", &fault{http.StatusUnauthorized, errorInvalidToken, "the bearer is too short or too long to be one"}
	case !isToken68(credential):
		return "", &fault{http.StatusUnauthorized, errorInvalidToken, "the bearer holds a character that none has"}
	}
	return credential, nil
}

// isToken68 reports whether a text is spelled as RFC 9110, 11.2, has credentials.
func isToken68(text string) bool {
	text = strings.TrimRight(text, "=")
	for i := range len(text) {
		c := text[i]
		letter := (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
		if !letter && strings.IndexByte("-._~+/", c) < 0 {
			return false
		}
	}
	return text != ""
}

// refusal is a fault as the server answers it.
func (f *fault) refusal(c challenge) *server.Refusal {
	c.kind = f.kind
	if f.kind != "" {
		c.description = f.reason
	}
	return &server.Refusal{Status: f.status, Challenge: c.String(), Reason: f.reason}
}
