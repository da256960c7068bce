package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

// OIDCOptions say whose tokens are taken.
type OIDCOptions struct {
	// Issuer is the one issuer, https unless it is on loopback.
	Issuer string
	// Audiences are those that a token may be meant for.
	Audiences []string
	// Keys maps subjects to keys of the platform.
	Keys *KeyFile
	// Scopes gives the scope of each permission; without any, every token may do everything.
	Scopes map[server.Permission]string
	// Needed are the permissions that the tools of the server need.
	Needed []server.Permission
	// PublicURL is where clients reach the server, without a path.
	PublicURL string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// OIDC takes access tokens of one issuer and looks the platform's key of their subject up. The tokens themselves go
// nowhere.
type OIDC struct {
	options OIDCOptions
	tokens  *tokens
}

var _ server.Authenticator = (*OIDC)(nil)

// NewOIDC builds an authenticator. The issuer need not be there yet.
func NewOIDC(o OIDCOptions) (*OIDC, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Keys == nil || len(o.Audiences) == 0 || slices.Contains(o.Audiences, "") {
		return nil, errors.New("take access tokens: keys of subjects and audiences are needed")
	}
	issuer, err := newIssuer(o.Issuer, o.Now)
	if err != nil {
		return nil, err
	}
	return &OIDC{options: o, tokens: &tokens{issuer: issuer, audiences: o.Audiences, now: o.Now}}, nil
}

// Ready reports why callers cannot be authenticated, or nil.
func (o *OIDC) Ready(ctx context.Context) error {
	_, err := o.tokens.issuer.keySet(ctx)
	return errors.Join(err, o.options.Keys.Check())
}

// Close ends the connections to the issuer.
func (o *OIDC) Close() error {
	if bounded, ok := o.tokens.issuer.client.Transport.(*boundedTransport); ok {
		if transport, ok := bounded.next.(*http.Transport); ok {
			transport.CloseIdleConnections()
		}
	}
	return nil
}

// Authenticate gives the principal that a request's access token names.
func (o *OIDC) Authenticate(r *http.Request) (server.Principal, error) {
	metadata := o.metadataURL(r.URL.Path)
	raw, fault := bearerOf(r)
	if fault != nil {
		return server.Principal{}, fault.refusal(challenge{scope: o.scopes(o.options.Needed), metadata: metadata})
	}
	told, err := o.tokens.check(r.Context(), raw)
	if refused, ok := errors.AsType[*tokenError](err); ok {
		return server.Principal{}, tokenFault(refused).refusal(challenge{scope: o.scopes(o.options.Needed), metadata: metadata})
	}
	if err != nil {
		return server.Principal{}, err
	}
	key, err := o.options.Keys.Find(told.subject)
	if err != nil {
		return server.Principal{}, err
	}
	if key.Empty() {
		return server.Principal{}, unmapped(told.subject)
	}
	return server.Principal{
		ID:        callerName(o.options.Issuer, told.subject),
		Key:       func(context.Context) (string, error) { return key.Reveal(), nil },
		KeyAdvice: "Tell the user to ask the operator of this server: the platform does not know the key that is kept for them.",
		Denied:    o.denied(told.scopes, metadata),
	}, nil
}

func tokenFault(refused *tokenError) *fault {
	return &fault{http.StatusUnauthorized, errorInvalidToken, refused.reason}
}

// unmapped refuses a subject that has no key. The subject is the caller's own, and what the operator asks for.
func unmapped(subject string) *server.Refusal {
	return &server.Refusal{Status: http.StatusForbidden, Reason: fmt.Sprintf(
		"you are signed in, but no Robutler key is kept for you here: ask the operator of this server to add the subject %q",
		quotable(subject))}
}

// callerName names a subject of an issuer, whatever key is kept for it.
func callerName(issuer, subject string) string {
	sum := sha256.Sum256([]byte("oidc\x00" + issuer + "\x00" + subject))
	return hex.EncodeToString(sum[:16])
}

// denied gives the permissions whose scope a token lacks, each with how to get it beside those that are there.
func (o *OIDC) denied(granted []string, metadata string) map[server.Permission]*server.Refusal {
	denied := map[server.Permission]*server.Refusal{}
	var had []server.Permission
	for _, permission := range server.Permissions() {
		if scope := o.options.Scopes[permission]; scope == "" || slices.Contains(granted, scope) {
			had = append(had, permission)
		}
	}
	for _, permission := range server.Permissions() {
		if slices.Contains(had, permission) {
			continue
		}
		missing := &fault{http.StatusForbidden, errorInsufficientScope, "this needs the scope " + o.options.Scopes[permission]}
		denied[permission] = missing.refusal(challenge{scope: o.scopes(append(slices.Clone(had), permission)), metadata: metadata})
	}
	return denied
}

// scopes lists the scopes of permissions, with spaces between them.
func (o *OIDC) scopes(permissions []server.Permission) string {
	var scopes []string
	for _, permission := range server.Permissions() {
		if scope := o.options.Scopes[permission]; scope != "" && slices.Contains(permissions, permission) && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return strings.Join(scopes, " ")
}

// wellKnown is where RFC 9728, 3, has the metadata of a resource, before the resource's own path.
const wellKnown = "/.well-known/oauth-protected-resource"

// resourcePath gives the path of the resource that a request is for: messages of SSE belong to its stream.
func resourcePath(path string) string {
	if path == "/message" {
		return "/sse"
	}
	return path
}

func (o *OIDC) metadataURL(path string) string {
	return o.options.PublicURL + wellKnown + resourcePath(path)
}

// Documents gives the metadata of the protected resources (RFC 9728): the server as a whole, and each of its endpoints.
func (o *OIDC) Documents() map[string][]byte {
	documents := map[string][]byte{}
	for _, path := range []string{"", "/mcp", "/sse"} {
		encoded, err := json.Marshal(struct {
			Resource string   `json:"resource"`
			Issuers  []string `json:"authorization_servers"`
			Scopes   []string `json:"scopes_supported,omitempty"`
			Methods  []string `json:"bearer_methods_supported"`
			Name     string   `json:"resource_name"`
		}{o.options.PublicURL + path, []string{o.options.Issuer}, strings.Fields(o.scopes(o.options.Needed)), []string{"header"}, "Robutler"})
		if err == nil {
			documents[wellKnown+path] = encoded
		}
	}
	return documents
}

// ScopesOf turns the configured scopes into those of permissions.
func ScopesOf(a *config.Authentication) (map[server.Permission]string, error) {
	permissions := server.Permissions()
	names := make([]string, 0, len(permissions))
	for _, permission := range permissions {
		names = append(names, string(permission))
	}
	configured, err := a.Scopes(names)
	if err != nil {
		return nil, err
	}
	scopes := map[server.Permission]string{}
	for name, scope := range configured {
		scopes[server.Permission(name)] = scope
	}
	return scopes, nil
}
