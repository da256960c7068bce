package config

import (
	"maps"
	"testing"

	"github.com/spf13/pflag"
)

// TestAuthenticationOfAFile: everything about callers can stand in a configuration file.
func TestAuthenticationOfAFile(t *testing.T) {
	t.Parallel()
	c := &Config{}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	c.AddShared(flags)
	c.AddHTTP(flags)
	c.File = file(t, `auth: oidc
public-url: https://mcp.example.com
oidc-issuer: https://login.example.com
oidc-audience: [https://mcp.example.com/mcp, other]
oidc-keys: /etc/robutler/keys.yaml
oidc-scopes: [read=r, write=w, secret=s, money=m]
rate-limit: [read=5, money=0.5]
`, 0o600)
	if err := c.Load(flags, func(string) (string, bool) { return "", false }); err != nil {
		t.Fatal(err)
	}
	scopes, err := c.Scopes([]string{"read", "write", "secret", "money"})
	if err != nil || scopes["money"] != "m" || len(scopes) != 4 {
		t.Errorf("%v, %v", scopes, err)
	}
	rates, err := c.Rates()
	if err != nil || !maps.Equal(rates, map[string]float64{"read": 5, "money": 0.5}) {
		t.Errorf("%v, %v", rates, err)
	}
	if !c.PerCaller() || len(c.OIDCAudiences) != 2 || c.OIDCKeys == "" || c.PublicURL == "" {
		t.Errorf("%+v", c.Authentication)
	}
}

func TestRatesAndScopesAreOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		settings Authentication
		rates    int
	}{
		{Authentication{Auth: AuthNone}, 0},
		{Authentication{Auth: AuthNone, CallerRates: []string{"read=1"}}, 1},
		{Authentication{Auth: AuthPassthrough}, 3},
		{Authentication{Auth: AuthPassthrough, CallerRates: []string{"off"}}, 0},
	} {
		if rates, err := test.settings.Rates(); err != nil || len(rates) != test.rates {
			t.Errorf("%+v: %v, %v", test.settings, rates, err)
		}
	}
	if scopes, err := (&Authentication{OIDCScopes: []string{"off"}}).Scopes([]string{"read"}); err != nil || len(scopes) != 0 {
		t.Errorf("%v, %v", scopes, err)
	}
	for _, text := range []string{"read", "read=", "=x", "read=a b", "other=x", "read=NaN"} {
		if rates, err := (&Authentication{CallerRates: []string{text}}).Rates(); err == nil {
			t.Errorf("%s: %v", text, rates)
		}
	}
	if rates, err := (&Authentication{CallerRates: []string{"read=1", "read=2"}}).Rates(); err == nil {
		t.Errorf("twice: %v", rates)
	}
}
