package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

// TestStartsOnlyWhenNobodyIsExposed: exit status 2 and a reason for whatever would leave something open.
func TestStartsOnlyWhenNobodyIsExposed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keys, open := filepath.Join(folder, "keys.yaml"), filepath.Join(folder, "open.yaml")
	for path, mode := range map[string]os.FileMode{keys: 0o600, open: 0o644} {
		if err := os.WriteFile(path, []byte("alice: rok_0123456789abcdef\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	key := map[string]string{"WEBAGENTS_API_KEY": "rok_0123456789abcdef"}
	oidc := []string{"--auth", "oidc", "--oidc-issuer", "https://login.example.com", "--oidc-audience", "a", "--oidc-keys", keys}
	for name, test := range map[string]struct {
		environment map[string]string
		flags       []string
		says        string
	}{
		"one user for everybody":      {key, []string{"--addr", "0.0.0.0:0"}, "callers are not authenticated"},
		"one user for everybody, v6":  {key, []string{"--addr", "[::]:0"}, "callers are not authenticated"},
		"one user on every address":   {key, []string{"--addr", ":0"}, "callers are not authenticated"},
		"keys in the clear":           {nil, []string{"--auth", "passthrough", "--addr", "0.0.0.0:0"}, "in the clear"},
		"tokens in the clear":         {nil, append([]string{"--addr", "192.0.2.1:0"}, oidc...), "in the clear"},
		"a key for all and each":      {key, []string{"--auth", "passthrough"}, "take the configured key away"},
		"a key for all and oidc":      {key, oidc, "take the configured key away"},
		"files of nobody":             {nil, []string{"--auth", "passthrough", "--upload-root", folder}, "--upload-root"},
		"no such way":                 {nil, []string{"--auth", "basic"}, "none of none, passthrough and oidc"},
		"oidc without an issuer":      {nil, []string{"--auth", "oidc", "--oidc-keys", keys}, "needs --oidc-issuer"},
		"an issuer without oidc":      {nil, []string{"--oidc-issuer", "https://login.example.com"}, "are of --auth oidc"},
		"an issuer in the clear":      {nil, append(oidc[:2:2], "--oidc-issuer", "http://login.example.com", "--oidc-audience", "a", "--oidc-keys", keys), "must be https"},
		"keys that others read":       {nil, append(oidc[:6:6], "--oidc-keys", open), "chmod 600"},
		"no keys":                     {nil, append(oidc[:6:6], "--oidc-keys", filepath.Join(folder, "none")), "no such file"},
		"scopes without a permission": {nil, append(slices.Clip(oidc), "--oidc-scopes", "read=a"), "has no scope"},
		"a scope with a backslash":    {nil, append(slices.Clip(oidc), "--oidc-scopes", `read=a\\b`), "must be permission=scope"},
		"a public address with path":  {nil, append(slices.Clip(oidc), "--public-url", "https://mcp.example.com/mcp"), "without a path"},
		"a rate of nothing":           {nil, []string{"--auth", "passthrough", "--rate-limit", "read=0"}, "set --rate-limit"},
		"a rate without a kind":       {nil, []string{"--auth", "passthrough", "--rate-limit", "10"}, "set --rate-limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, test.environment, append([]string{"http", "--addr", "127.0.0.1:0"}, test.flags...)...)
			if got.status != exitUsage || !strings.Contains(got.stderr, test.says) || strings.Contains(got.stderr, "rok_") {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestExposureNeedsTLS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		settings config.Config
		refused  bool
	}{
		{config.Config{Addr: "127.0.0.1:1"}, false},
		{config.Config{Addr: "0.0.0.0:1", TLSCert: "cert.pem"}, true},
		{config.Config{Addr: "0.0.0.0:1", BehindProxy: true}, true},
		{config.Config{Addr: "0.0.0.0:1", TLSCert: "cert.pem", Authentication: config.Authentication{Auth: config.AuthOIDC}}, false},
		{config.Config{Addr: "0.0.0.0:1", BehindProxy: true, Authentication: config.Authentication{Auth: config.AuthPassthrough}}, false},
		{config.Config{Addr: "0.0.0.0", BehindProxy: true, Authentication: config.Authentication{Auth: config.AuthPassthrough}}, true},
		{config.Config{Addr: "localhost:1", Authentication: config.Authentication{Auth: config.AuthPassthrough}}, false},
	} {
		if err := checkExposure(&test.settings); (err != nil) != test.refused {
			t.Errorf("%+v: %v", test.settings, err)
		}
	}
	for address, want := range map[string]string{"127.0.0.1:80": "http://127.0.0.1:80", "0.0.0.0:80": ""} {
		if got, err := publicURL(&config.Config{}, address); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", address, got, err)
		}
	}
}
