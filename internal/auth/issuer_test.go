package auth

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/robutlerai/robutler-mcp/internal/auth/authtest"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

// isFault reports whether an error blames this side rather than the caller.
func isFault(err error) bool {
	_, refused := errors.AsType[*server.Refusal](err)
	return err != nil && !refused
}

func TestAnIssuerThatComesLate(t *testing.T) {
	t.Parallel()
	issuer, now := authtest.New(t), newClock()
	issuer.Down(true)
	o := open(t, issuer.URL, now.now)
	token := issuer.Token("alice", nil)
	for range 3 {
		if _, err := o.Authenticate(request(t, "/mcp", token)); !isFault(err) {
			t.Fatalf("an issuer that is down: %v", err)
		}
	}
	if o.Ready(t.Context()) == nil || issuer.Asked("/.well-known/openid-configuration") != 1 {
		t.Error("ready, or asked more than once in five seconds")
	}
	issuer.Down(false)
	now.pass(discoverEvery)
	if _, err := o.Authenticate(request(t, "/mcp", token)); err != nil || o.Ready(t.Context()) != nil {
		t.Errorf("an issuer that came: %v, %v", err, o.Ready(t.Context()))
	}
}

func TestKeysThatCannotBeFetchedBlameNobody(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string]string{
		"huge":    `{"keys":[` + strings.Repeat(`{"kty":"RSA","kid":"x","n":"AQAB","e":"AQAB"},`, 20_000) + `{}]}`,
		"no JSON": "<html>",
	} {
		issuer := authtest.New(t)
		issuer.Publish("/keys", []byte(keys))
		o := open(t, issuer.URL, nil)
		if _, err := o.Authenticate(request(t, "/mcp", issuer.Token("alice", nil))); !isFault(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// New keys are found even while somebody sends tokens with keys that nobody knows.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	issuer, now := authtest.New(t), newClock()
	o := open(t, issuer.URL, now.now)
	other := authtest.New(t)
	for range 20 {
		forged := issuer.Sign(jwt.SigningMethodRS256, other.RSA, map[string]any{"kid": "new"}, issuer.Claims("alice"))
		if _, err := o.Authenticate(request(t, "/mcp", forged)); err == nil {
			t.Fatal("a forged token was taken")
		}
	}
	if _, err := o.Authenticate(request(t, "/mcp", issuer.Token("alice", nil))); err != nil {
		t.Errorf("a known key: %v", err)
	}
	if n := issuer.Asked("/keys"); n >= fetchBurst {
		t.Errorf("forged tokens had the keys fetched %d times", n)
	}
	issuer.RSA = other.RSA
	issuer.PublishKeys()
	now.pass(fetchEvery)
	if _, err := o.Authenticate(request(t, "/mcp", issuer.Token("alice", nil))); err != nil {
		t.Errorf("a new key: %v", err)
	}
}

func TestIssuersThatAreRefused(t *testing.T) {
	t.Parallel()
	keys, err := OpenKeyFile(keyFile(t, "alice: "+aliceKey), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "login.example.com", "http://login.example.com", "https://a:b@login.example.com",
		"https://login.example.com?x", "https://login.example.com#x", "ftp://127.0.0.1", "http://127.0.0.1.example.com"} {
		if _, err := NewOIDC(OIDCOptions{Issuer: address, Audiences: []string{"a"}, Keys: keys}); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
	if _, err := NewOIDC(OIDCOptions{Issuer: "https://login.example.com", Keys: keys}); err == nil {
		t.Error("no audience was taken")
	}
}

// An issuer that names another, or keys in the clear, is not one to take tokens of.
func TestDiscoveryIsPinned(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"another issuer":    `{"issuer":"https://elsewhere.example","jwks_uri":"https://elsewhere.example/keys"}`,
		"keys in the clear": `{"issuer":"ISSUER","jwks_uri":"http://elsewhere.example/keys"}`,
		"no keys":           `{"issuer":"ISSUER"}`,
	} {
		issuer := authtest.New(t)
		issuer.Publish("/.well-known/openid-configuration", []byte(strings.ReplaceAll(document, "ISSUER", issuer.URL)))
		o := open(t, issuer.URL, time.Now)
		if _, err := o.Authenticate(request(t, "/mcp", issuer.Token("alice", nil))); !isFault(err) || o.Ready(t.Context()) == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
