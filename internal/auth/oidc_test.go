package auth

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/robutlerai/robutler-mcp/internal/auth/authtest"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

func refusalOf(t *testing.T, err error) *server.Refusal {
	t.Helper()
	refusal, ok := errors.AsType[*server.Refusal](err)
	if !ok {
		t.Fatalf("no refusal: %v", err)
	}
	return refusal
}

func TestGoodTokens(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	o := open(t, issuer.URL, nil)
	for name, token := range map[string]string{
		"RS256":             issuer.Token("alice", nil),
		"ES256":             issuer.Sign(jwt.SigningMethodES256, issuer.EC, map[string]any{"kid": "ec"}, issuer.Claims("alice")),
		"EdDSA":             issuer.Sign(jwt.SigningMethodEdDSA, issuer.Ed25519, map[string]any{"kid": "ed", "typ": "at+jwt"}, issuer.Claims("alice")),
		"no kid":            issuer.Sign(jwt.SigningMethodRS256, issuer.RSA, nil, issuer.Claims("alice")),
		"several audiences": issuer.Token("alice", jwt.MapClaims{"aud": []string{"x", "other"}}),
		"within the leeway": issuer.Token("alice", jwt.MapClaims{"exp": time.Now().Add(-50 * time.Second).Unix(), "nbf": time.Now().Add(50 * time.Second).Unix()}),
		"scopes as a list":  issuer.Token("alice", jwt.MapClaims{"scope": nil, "scp": []string{"robutler:read", "robutler:write", "robutler:secret", "robutler:money"}}),
	} {
		who, err := o.Authenticate(request(t, "/mcp", token))
		if err != nil || len(who.Denied) != 0 || strings.Contains(who.ID, "alice") {
			t.Errorf("%s: %+v, %v", name, who, err)
			continue
		}
		if key, err := who.Key(t.Context()); key != aliceKey || err != nil {
			t.Errorf("%s: the key is %q, %v", name, key, err)
		}
	}
}

func TestForgedTokens(t *testing.T) {
	t.Parallel()
	issuer, foreign := authtest.New(t), authtest.New(t)
	der, err := x509.MarshalPKIXPublicKey(&issuer.RSA.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	sign := func(header map[string]any, claims jwt.MapClaims) string {
		return issuer.Sign(jwt.SigningMethodRS256, issuer.RSA, header, claims)
	}
	rsaID := map[string]any{"kid": "rsa"}
	good := issuer.Token("alice", nil)
	for name, token := range map[string]string{
		"alg none":                 issuer.Sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, rsaID, issuer.Claims("alice")),
		"alg none, signature kept": strings.Join([]string{"eyJhbGciOiJub25lIn0", strings.Split(good, ".")[1], strings.Split(good, ".")[2]}, "."),
		"HS256 with public key":    issuer.Sign(jwt.SigningMethodHS256, public, rsaID, issuer.Claims("alice")),
		"HS256 with its DER":       issuer.Sign(jwt.SigningMethodHS256, der, rsaID, issuer.Claims("alice")),
		"RS512":                    issuer.Sign(jwt.SigningMethodRS512, issuer.RSA, rsaID, issuer.Claims("alice")),
		"foreign issuer":           foreign.Token("alice", nil),
		"foreign key":              foreign.Token("alice", jwt.MapClaims{"iss": issuer.URL}),
		"foreign key, own header":  issuer.Sign(jwt.SigningMethodRS256, foreign.RSA, map[string]any{"kid": "x", "jku": foreign.URL + "/keys"}, issuer.Claims("alice")),
		"issuer with a slash":      issuer.Token("alice", jwt.MapClaims{"iss": issuer.URL + "/"}),
		"no issuer":                issuer.Token("alice", jwt.MapClaims{"iss": nil}),
		"wrong audience":           issuer.Token("alice", jwt.MapClaims{"aud": "https://elsewhere.example/mcp"}),
		"audience as a prefix":     issuer.Token("alice", jwt.MapClaims{"aud": authtest.Audience + "/x"}),
		"no audience":              issuer.Token("alice", jwt.MapClaims{"aud": nil}),
		"expired":                  issuer.Token("alice", jwt.MapClaims{"exp": time.Now().Add(-61 * time.Second).Unix()}),
		"no expiry":                issuer.Token("alice", jwt.MapClaims{"exp": nil}),
		"not yet":                  issuer.Token("alice", jwt.MapClaims{"nbf": time.Now().Add(90 * time.Second).Unix()}),
		"from the future":          issuer.Token("alice", jwt.MapClaims{"iat": time.Now().Add(90 * time.Second).Unix()}),
		"no subject":               issuer.Token("", nil),
		"endless subject":          issuer.Token(strings.Repeat("a", 256), nil),
		"bound to a key":           issuer.Token("alice", jwt.MapClaims{"cnf": map[string]string{"jkt": "x"}}),
		"logout token":             sign(map[string]any{"kid": "rsa", "typ": "logout+jwt"}, issuer.Claims("alice")),
		"kid that climbs":          issuer.Sign(jwt.SigningMethodRS256, foreign.RSA, map[string]any{"kid": "../../../../dev/null"}, issuer.Claims("alice")),
		"kid as SQL":               issuer.Sign(jwt.SigningMethodRS256, foreign.RSA, map[string]any{"kid": "x' UNION SELECT 'key"}, issuer.Claims("alice")),
		"changed payload":          strings.Replace(good, ".", ".e", 1),
		"no JWT":                   "rok_0123456789abcdef0123456789abcdef",
		"two parts":                strings.Join(strings.Split(good, ".")[:2], "."),
	} {
		who, err := open(t, issuer.URL, nil).Authenticate(request(t, "/mcp", token))
		if err == nil {
			t.Errorf("%s: taken for %+v", name, who)
			continue
		}
		refusal := refusalOf(t, err)
		if refusal.Status != http.StatusUnauthorized || !strings.Contains(refusal.Challenge, `error="invalid_token"`) ||
			!strings.Contains(refusal.Challenge, `resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"`) {
			t.Errorf("%s: %+v", name, refusal)
		}
		if strings.Contains(refusal.Reason+refusal.Challenge, "eyJ") {
			t.Errorf("%s: it repeats the token", name)
		}
	}
	if foreign.Asked("/keys")+foreign.Asked("/.well-known/openid-configuration") > 0 {
		t.Error("the keys of another issuer were fetched")
	}
}

func TestWhoHasNoKeyIsTold(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	o := open(t, issuer.URL, nil)
	_, err := o.Authenticate(request(t, "/mcp", issuer.Token("mallory\"\r\n", nil)))
	refusal := refusalOf(t, err)
	if refusal.Status != http.StatusForbidden || refusal.Challenge != "" || !strings.Contains(refusal.Reason, "operator") || strings.ContainsAny(refusal.Reason, "\r\n") {
		t.Errorf("%+v", refusal)
	}
}

func TestScopesDenyAndSayHowToGetMore(t *testing.T) {
	t.Parallel()
	issuer := authtest.New(t)
	o := open(t, issuer.URL, nil)
	who, err := o.Authenticate(request(t, "/message", issuer.Token("alice", jwt.MapClaims{"scope": "robutler:read openid"})))
	if err != nil || len(who.Denied) != 3 || who.Denied[server.PermissionRead] != nil {
		t.Fatalf("%+v, %v", who, err)
	}
	money := who.Denied[server.PermissionMoney]
	for _, part := range []string{`error="insufficient_scope"`, `scope="robutler:read robutler:money"`, `/.well-known/oauth-protected-resource/sse"`} {
		if money.Status != http.StatusForbidden || !strings.Contains(money.Challenge, part) {
			t.Errorf("%s: %+v", part, money)
		}
	}
	if who, err = o.Authenticate(request(t, "/mcp", issuer.Token("alice", jwt.MapClaims{"scope": nil}))); err != nil || len(who.Denied) != 4 {
		t.Errorf("a token without scopes: %+v, %v", who, err)
	}
	o.options.Scopes = nil
	if who, err = o.Authenticate(request(t, "/mcp", issuer.Token("alice", jwt.MapClaims{"scope": nil}))); err != nil || len(who.Denied) != 0 {
		t.Errorf("scopes off: %+v, %v", who, err)
	}
	_, err = o.Authenticate(request(t, "/mcp", ""))
	if refusal := refusalOf(t, err); strings.Contains(refusal.Challenge, "error=") || refusal.Status != http.StatusUnauthorized {
		t.Errorf("without a token: %+v", refusal)
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	documents := open(t, "https://login.example.com", nil).Documents()
	for path, resource := range map[string]string{"": public, "/mcp": public + "/mcp", "/sse": public + "/sse"} {
		var got struct {
			Resource string   `json:"resource"`
			Issuers  []string `json:"authorization_servers"`
			Scopes   []string `json:"scopes_supported"`
			Methods  []string `json:"bearer_methods_supported"`
		}
		if err := json.Unmarshal(documents[wellKnown+path], &got); err != nil || got.Resource != resource ||
			len(got.Issuers) != 1 || len(got.Scopes) != 4 || len(got.Methods) != 1 || got.Methods[0] != "header" {
			t.Errorf("%q: %+v, %v", path, got, err)
		}
	}
}
