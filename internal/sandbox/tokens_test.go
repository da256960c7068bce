package sandbox

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestTokensInEveryForm(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	payee := otherUser(t, p)
	id, token := mintToken(t, p, "3", "")
	opaqueID, opaque := mintToken(t, p, "2", `,"format":"opaque"`)
	if !strings.HasPrefix(opaque, "tok_"+opaqueID+":") || strings.Count(token, ".") != 2 {
		t.Fatalf("%s %s", token, opaque)
	}
	for _, form := range []string{token, id, opaque} {
		for _, check := range []answer{
			sendAs(t, p, payee, "GET", "/api/tokens/validate?token="+form, ""),
			sendAs(t, p, payee, "POST", "/api/token/validate", fmt.Sprintf(`{"token":%q}`, form)),
			sendAs(t, p, payee, "POST", "/api/payments/verify", `{}`, "X-PAYMENT", form),
		} {
			if check.body["valid"] != true || check.body["availableAmount"] == "0" {
				t.Errorf("%.20s: %s", form, check.raw)
			}
		}
	}
	if wrong := sendAs(t, p, payee, "GET", "/api/tokens/validate?token=tok_"+opaqueID+":00", ""); wrong.body["valid"] != false || wrong.status != 200 {
		t.Errorf("wrong secret: %s", wrong.raw)
	}
	redeemed := sendAs(t, p, payee, "PUT", "/api/tokens/redeem", fmt.Sprintf(`{"token":%q,"amount":"0.5"}`, opaque))
	if redeemed.body["chargedDollars"] != 0.5 {
		t.Errorf("redeem: %s", redeemed.raw)
	}
	all := sendAs(t, p, payee, "POST", "/api/token/redeem", fmt.Sprintf(`{"token":%q}`, opaque))
	if all.body["chargedDollars"] != 1.5 {
		t.Errorf("redeem all: %s", all.raw)
	}
	grown := sendAs(t, p, p.UserKey(), "PATCH", "/api/payments/tokens/"+id+"/topup", `{"amount":"1.5"}`)
	if row, ok := grown.body["token"].(map[string]any); !ok || row["availableAmount"] != "4.5" || strings.Count(fmt.Sprint(row["token"]), ".") != 2 {
		t.Errorf("top up: %s", grown.raw)
	}
	listed := rows(t, sendAs(t, p, p.UserKey(), "GET", "/api/payments/tokens", ""), "tokens")
	if len(listed) != 2 || strings.Contains(fmt.Sprint(listed), opaque) {
		t.Errorf("list: %v", listed)
	}
	if gone := sendAs(t, p, p.UserKey(), "DELETE", "/api/payments/tokens/"+id, ""); gone.status != 200 {
		t.Errorf("revoke: %s", gone.raw)
	}
	if got := creditsOfUser(t, p, p.UserKey()); got != "85.4215" {
		t.Errorf("after revoking: %s", got)
	}
	checkJWKS(t, p, token)
	checkLedger(t, p)
}

// TestATokenOfALockNamesNobody reads the claims of a token that a lock without a token makes.
func TestATokenOfALockNamesNobody(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	for body, want := range map[string]string{`{"amount":1}`: "[]", `{"amount":1,"audience":["a","b"]}`: "[a b]", `{"amount":1,"audience":"a"}`: "[a]"} {
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(fmt.Sprint(postJSON(t, p, "/api/payments/lock", body).body["token"]), claims); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(claims["aud"]); got != want {
			t.Errorf("%s: %s", body, got)
		}
	}
}

// checkJWKS checks a token as others would: with the published key alone.
func checkJWKS(t *testing.T, p *Platform, token string) {
	t.Helper()
	published := send(t, p, "", http.MethodGet, "/.well-known/jwks.json", "", "")
	if other := send(t, p, "", http.MethodGet, "/api/auth/jwks", "", ""); !bytes.Equal(other.raw, published.raw) {
		t.Error("the two key sets differ")
	}
	keys := rows(t, published, "keys")
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil || parsed.Header["kid"] != keys[0]["kid"] || parsed.Header["alg"] != "RS256" {
		t.Errorf("header %v, keys %v, %v", parsed.Header, keys, err)
	}
	claims, ok := parsed.Claims.(jwt.MapClaims)
	if !ok || claims["iss"] != "http://sandbox" || claims["sub"] != demoUserID {
		t.Errorf("claims %v", claims)
	}
}
