package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// The ways to find out who calls over HTTP.
const (
	// AuthNone serves one user, whose key is configured.
	AuthNone = "none"
	// AuthPassthrough takes each request's bearer for the caller's key of the platform.
	AuthPassthrough = "passthrough"
	// AuthOIDC takes access tokens of one issuer and looks the key of their subject up.
	AuthOIDC = "oidc"
)

// off turns a setting off that has a default.
const off = "off"

// Authentication says how callers over HTTP are told apart.
type Authentication struct {
	// Auth is one of [AuthNone], [AuthPassthrough] and [AuthOIDC]; empty for commands that nobody calls.
	Auth string
	// PublicURL is where clients reach the server, without the path, such as https://mcp.example.com.
	PublicURL string
	// OIDCIssuer is the one issuer whose tokens are taken, and OIDCAudiences are those that a token may be meant for.
	OIDCIssuer    string
	OIDCAudiences []string
	// OIDCKeys is the file that maps subjects to keys of the platform.
	OIDCKeys string
	// OIDCScopes are "permission=scope", or off.
	OIDCScopes []string
	// CallerRates are "kind=calls a second", or off.
	CallerRates []string
}

// PerCaller reports whether each caller has a key of their own.
func (a *Authentication) PerCaller() bool { return a.Auth == AuthPassthrough || a.Auth == AuthOIDC }

func (c *Config) addAuthentication(flags *pflag.FlagSet) {
	flags.StringVar(&c.Auth, "auth", AuthNone,
		"who calls: none (one user, with the configured key), passthrough (each bearer is the caller's own Robutler key) or oidc (access tokens)")
	flags.StringVar(&c.PublicURL, "public-url", "", "`address` that clients reach the server by, without a path (default: --addr, on loopback)")
	flags.StringVar(&c.OIDCIssuer, "oidc-issuer", "", "the one `issuer` whose access tokens are taken")
	flags.StringSliceVar(&c.OIDCAudiences, "oidc-audience", nil, "`audience` that access tokens must be meant for (repeatable: any of them)")
	flags.StringVar(&c.OIDCKeys, "oidc-keys", "", "YAML or JSON `file` that maps subjects to Robutler keys (mode 0600; read again when it changes)")
	flags.StringSliceVar(&c.OIDCScopes, "oidc-scopes",
		[]string{"read=robutler:read", "write=robutler:write", "secret=robutler:secret", "money=robutler:money"},
		"scope that each `permission=scope` takes, or off: every token may do everything")
	flags.StringSliceVar(&c.CallerRates, "rate-limit", nil,
		"most calls a second of one caller, as `kind=number` for read, write and money, or off (default with --auth: read=20,write=5,money=1)")
}

// checkAuthentication refuses settings of callers that contradict each other or leave something open.
func (c *Config) checkAuthentication() error {
	switch c.Auth {
	case "", AuthNone, AuthPassthrough, AuthOIDC:
	default:
		return fmt.Errorf("set --auth: %q is none of none, passthrough and oidc", c.Auth)
	}
	if c.Auth != AuthOIDC && (c.OIDCIssuer != "" || c.OIDCKeys != "" || len(c.OIDCAudiences) > 0) {
		return errors.New("the flags --oidc-... are of --auth oidc: add it, or leave them out")
	}
	if c.Auth == AuthOIDC && (c.OIDCIssuer == "" || c.OIDCKeys == "" || len(c.OIDCAudiences) == 0) {
		return errors.New("--auth oidc needs --oidc-issuer, --oidc-audience and --oidc-keys")
	}
	if c.PublicURL != "" && !isOrigin(c.PublicURL) {
		return errors.New("set --public-url: it must look like https://mcp.example.com, without a path")
	}
	if !c.PerCaller() {
		return nil
	}
	if len(c.UploadRoots) > 0 {
		return fmt.Errorf("--upload-root and --auth %s contradict each other: files of this machine belong to none of its callers", c.Auth)
	}
	if !c.Sandbox && !c.Key.Empty() {
		return fmt.Errorf("--auth %s uses the keys of the callers: take the configured key away "+
			"(WEBAGENTS_API_KEY, ROBUTLER_API_KEY, --api-key-file)", c.Auth)
	}
	return nil
}

func isOrigin(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Host != "" &&
		parsed.Scheme+"://"+parsed.Host == address
}

// Scopes gives the scope of each permission; none when scopes are off.
func (a *Authentication) Scopes(permissions []string) (map[string]string, error) {
	if slices.Equal(a.OIDCScopes, []string{off}) {
		return map[string]string{}, nil
	}
	scopes := map[string]string{}
	for _, pair := range a.OIDCScopes {
		permission, scope, found := strings.Cut(pair, "=")
		if !found || !slices.Contains(permissions, permission) || !isScope(scope) || scopes[permission] != "" {
			return nil, fmt.Errorf("set --oidc-scopes: %q must be permission=scope, once for each of %s", pair, strings.Join(permissions, ", "))
		}
		scopes[permission] = scope
	}
	for _, permission := range permissions {
		if scopes[permission] == "" {
			return nil, fmt.Errorf("set --oidc-scopes: the permission %s has no scope", permission)
		}
	}
	return scopes, nil
}

// isScope reports whether a scope is one as RFC 6749, 3.3, spells them.
func isScope(scope string) bool {
	return scope != "" && !strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' })
}

// maxRate is more than one caller can mean, in calls a second.
const maxRate = 100_000

// Rates gives the calls a second of each kind; none when there is no limit.
func (a *Authentication) Rates() (map[string]float64, error) {
	switch {
	case slices.Equal(a.CallerRates, []string{off}), len(a.CallerRates) == 0 && !a.PerCaller():
		return map[string]float64{}, nil
	case len(a.CallerRates) == 0:
		return map[string]float64{"read": 20, "write": 5, "money": 1}, nil
	}
	rates := map[string]float64{}
	for _, pair := range a.CallerRates {
		kind, text, _ := strings.Cut(pair, "=")
		perSecond, err := strconv.ParseFloat(text, 64)
		if !slices.Contains([]string{"read", "write", "money"}, kind) || err != nil || !(perSecond > 0 && perSecond <= maxRate) || rates[kind] > 0 {
			return nil, fmt.Errorf("set --rate-limit: %q must be read=, write= or money= and a number of calls a second, such as money=0.5; or off", pair)
		}
		rates[kind] = perSecond
	}
	return rates, nil
}
