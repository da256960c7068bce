package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

const (
	// leeway is how far the clocks of issuer and server may be apart.
	leeway = 60 * time.Second
	// maxSubject bounds a subject, in bytes: OpenID Connect Core, 2, allows 255.
	maxSubject = 255
)

// claims are what an access token says.
type claims struct {
	subject string
	scopes  []string
}

// tokens checks access tokens against one issuer and audience. What they say themselves about where their keys are is
// not looked at.
type tokens struct {
	issuer    *issuer
	audiences []string
	now       func() time.Time
}

// tokenError says why a token is refused, in words that hold nothing of it.
type tokenError struct{ reason string }

func (e *tokenError) Error() string { return e.reason }

// check gives what a token says, a *tokenError, or errIssuer.
func (t *tokens) check(ctx context.Context, raw string) (claims, error) {
	keys, err := t.issuer.keySet(ctx)
	if err != nil {
		return claims{}, err
	}
	seen := &observedKeys{keys: keys}
	verifier := oidc.NewVerifier(t.issuer.url, seen, &oidc.Config{
		SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256, oidc.EdDSA},
		SkipClientIDCheck:    true, // any of several audiences will do, see below
		SkipExpiryCheck:      true, // the library has another leeway
	})
	token, err := verifier.Verify(ctx, raw)
	switch {
	case err != nil && errors.Is(seen.fault, errIssuer):
		return claims{}, fmt.Errorf("check the signature of a token: %w", briefly(seen.fault))
	case err != nil:
		return claims{}, &tokenError{"the token is not one that the issuer signed"}
	case !meantFor(token.Audience, t.audiences):
		return claims{}, &tokenError{"the token is meant for another audience"}
	case token.Subject == "" || len(token.Subject) > maxSubject:
		return claims{}, &tokenError{"the token names no subject"}
	}
	if err := checkType(raw); err != nil {
		return claims{}, err
	}
	var told timedClaims
	if err := token.Claims(&told); err != nil {
		return claims{}, &tokenError{"the claims of the token are not as they should be"}
	}
	if err := told.check(t.now()); err != nil {
		return claims{}, err
	}
	return claims{subject: token.Subject, scopes: append(told.Scope.values, told.Scopes.values...)}, nil
}

func meantFor(audiences, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(audience string) bool { return slices.Contains(audiences, audience) })
}

// checkType refuses what the issuer signed for another purpose, such as a logout token (RFC 8725, 3.11).
func checkType(raw string) error {
	encoded, _, _ := strings.Cut(raw, ".")
	var header struct {
		Type string `json:"typ"`
	}
	plain, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || json.Unmarshal(plain, &header) != nil {
		return &tokenError{"the header of the token is not as it should be"}
	}
	switch strings.TrimPrefix(strings.ToLower(header.Type), "application/") {
	case "", "jwt", "at+jwt":
		return nil
	default:
		return &tokenError{"the token is no access token"}
	}
}

// timedClaims are the claims that the library does not judge.
type timedClaims struct {
	Expires   *float64        `json:"exp"`
	NotBefore *float64        `json:"nbf"`
	Issued    *float64        `json:"iat"`
	Bound     json.RawMessage `json:"cnf"`
	Scope     wordList        `json:"scope"`
	Scopes    wordList        `json:"scp"`
}

func (c *timedClaims) check(now time.Time) error {
	seconds := float64(now.Unix())
	early, late := seconds+leeway.Seconds(), seconds-leeway.Seconds()
	switch {
	case c.Expires == nil:
		return &tokenError{"the token never expires"}
	case *c.Expires <= late:
		return &tokenError{"the token has expired"}
	case c.NotBefore != nil && *c.NotBefore > early, c.Issued != nil && *c.Issued > early:
		return &tokenError{"the token is not valid yet"}
	case len(c.Bound) > 0 && string(c.Bound) != "null":
		// It is worth nothing to whoever holds it without the key, which is not asked for here.
		return &tokenError{"the token is bound to a key of the client, and this server takes plain bearers only"}
	default:
		return nil
	}
}

// wordList reads scopes: issuers send one text with spaces, or a list.
type wordList struct{ values []string }

// UnmarshalJSON reads either form.
func (l *wordList) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		l.values = strings.Fields(text)
		return nil
	}
	return json.Unmarshal(data, &l.values)
}

// observedKeys remembers why a signature could not be checked: the library keeps the words alone.
type observedKeys struct {
	keys  oidc.KeySet
	fault error
}

// VerifySignature checks the signature of a token and gives its payload.
func (k *observedKeys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	var payload []byte
	payload, k.fault = k.keys.VerifySignature(ctx, raw)
	return payload, k.fault
}
