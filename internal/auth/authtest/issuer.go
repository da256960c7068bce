// Package authtest is an OpenID provider for tests.
package authtest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Audience is what [Issuer.Token] makes tokens for.
const Audience = "https://mcp.example.com/mcp"

// Issuer publishes its keys and signs tokens with them.
type Issuer struct {
	// URL is the issuer's name and address.
	URL string
	// RSA, EC and Ed25519 are its keys, under the ids rsa, ec and ed.
	RSA     *rsa.PrivateKey
	EC      *ecdsa.PrivateKey
	Ed25519 ed25519.PrivateKey

	t       testing.TB
	mu      sync.Mutex
	answers map[string][]byte
	asked   map[string]int
	down    bool
}

// New starts an issuer on a loopback port, until the test ends.
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t, answers: map[string][]byte{}, asked: map[string]int{}}
	var err error
	if i.RSA, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if i.EC, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if _, i.Ed25519, err = ed25519.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(web.Close)
	i.URL = web.URL
	i.Publish("/.well-known/openid-configuration", i.encode(map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/authorize",
		"token_endpoint": i.URL + "/token", "id_token_signing_alg_values_supported": []string{"RS256", "HS256"},
	}))
	i.PublishKeys()
	return i
}

// PublishKeys serves the public halves of the keys.
func (i *Issuer) PublishKeys() {
	i.Publish("/keys", i.encode(map[string]any{"keys": []any{i.rsaKey(), i.ecKey(), i.edKey()}}))
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	i.asked[r.URL.Path]++
	answer, ok := i.answers[r.URL.Path]
	ok = ok && !i.down
	i.mu.Unlock()
	if !ok {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

// Publish serves a document at a path.
func (i *Issuer) Publish(path string, document []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answers[path] = document
}

// Down lets the issuer fail, or work again.
func (i *Issuer) Down(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// Asked tells how often a path was asked for.
func (i *Issuer) Asked(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

// Claims are those of a good token of a subject.
func (i *Issuer) Claims(subject string) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": i.URL, "sub": subject, "aud": Audience, "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
		"scope": "robutler:read robutler:write robutler:secret robutler:money",
	}
}

// Token signs a good token of a subject, with claims changed; a nil claim is left out.
func (i *Issuer) Token(subject string, changed jwt.MapClaims) string {
	i.t.Helper()
	claims := i.Claims(subject)
	maps.Copy(claims, changed)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return i.Sign(jwt.SigningMethodRS256, i.RSA, map[string]any{"kid": "rsa"}, claims)
}

// Sign signs claims with any method, key and header.
func (i *Issuer) Sign(method jwt.SigningMethod, key any, header map[string]any, claims jwt.Claims) string {
	i.t.Helper()
	token := jwt.NewWithClaims(method, claims)
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(key)
	if err != nil {
		i.t.Fatal(err)
	}
	return signed
}

func (i *Issuer) encode(document any) []byte {
	encoded, err := json.Marshal(document)
	if err != nil {
		i.t.Fatal(err)
	}
	return encoded
}

func (i *Issuer) rsaKey() map[string]any {
	public := i.RSA.PublicKey
	return map[string]any{"kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256",
		"n": encoded(public.N.Bytes()), "e": encoded(big.NewInt(int64(public.E)).Bytes())}
}

func (i *Issuer) ecKey() map[string]any {
	point, err := i.EC.PublicKey.Bytes() // 0x04, X, Y
	if err != nil {
		i.t.Fatal(err)
	}
	half := (len(point) - 1) / 2
	return map[string]any{"kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "x": encoded(point[1 : 1+half]), "y": encoded(point[1+half:])}
}

func (i *Issuer) edKey() map[string]any {
	public, _ := i.Ed25519.Public().(ed25519.PublicKey)
	return map[string]any{"kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "x": encoded(public)}
}

func encoded(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
