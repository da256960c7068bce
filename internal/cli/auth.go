package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/auth"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

const authHelp = `Several users, each with a key of their own:
  --auth passthrough   each "Authorization: Bearer" is the caller's own Robutler key
  --auth oidc          each bearer is an access token of --oidc-issuer for --oidc-audience, and the Robutler key of its subject is from --oidc-keys; the token goes nowhere
On other addresses than loopback --auth is required, and so is TLS, here or at a proxy. See docs/http.md.

`

// checkExposure refuses an address that others could reach, unless they are authenticated and what they authenticate
// with does not cross the network in the clear.
func checkExposure(settings *config.Config) error {
	if !settings.PerCaller() {
		return loopbackOnly(settings.Addr)
	}
	host, _, err := net.SplitHostPort(settings.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: the address must look like 127.0.0.1:8080", settings.Addr)
	}
	if isLoopback(host) || settings.TLSCert != "" || settings.BehindProxy {
		return nil
	}
	return fmt.Errorf("listen on %s: the credentials of callers would cross the network in the clear; "+
		"use --tls-cert and --tls-key, or --behind-proxy if a proxy does TLS", settings.Addr)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// openAuthentication adds to the options of the server who calls and how often.
func (r *session) openAuthentication(ctx context.Context, settings *config.Config, address string, options *server.HTTPOptions) error {
	rates, err := settings.Rates()
	if err != nil {
		return usage(err)
	}
	options.RateLimits = server.RateLimits{Read: rates["read"], Write: rates["write"], Money: rates["money"]}
	switch settings.Auth {
	case config.AuthPassthrough:
		options.Authenticator = auth.Passthrough{Name: callerOf, Validate: r.client.User.ValidateKey}
		return nil
	case config.AuthOIDC:
		return r.openOIDC(ctx, settings, address, options)
	default:
		return nil
	}
}

func (r *session) openOIDC(ctx context.Context, settings *config.Config, address string, options *server.HTTPOptions) error {
	public, err := publicURL(settings, address)
	if err != nil {
		return usage(err)
	}
	keys, err := auth.OpenKeyFile(settings.OIDCKeys, nil)
	if err != nil {
		return usage(err)
	}
	scopes, err := auth.ScopesOf(&settings.Authentication)
	if err != nil {
		return usage(err)
	}
	made, err := auth.NewOIDC(auth.OIDCOptions{
		Issuer: settings.OIDCIssuer, Audiences: settings.OIDCAudiences, Keys: keys, Scopes: scopes,
		Needed: r.server.Permissions(), PublicURL: public,
	})
	if err != nil {
		return usage(err)
	}
	r.closers = append(r.closers, made.Close)
	if err := made.Ready(ctx); err != nil {
		r.logger.WarnContext(ctx, "access tokens cannot be checked yet; it is tried again with every caller", slog.Any("error", err))
	}
	options.Authenticator = made
	options.Checks = append(options.Checks, server.Check{Name: "issuer", Run: made.Ready})
	return nil
}

// publicURL is what clients know the server by. It can only be guessed where they are on the same machine.
func publicURL(settings *config.Config, address string) (string, error) {
	if settings.PublicURL != "" {
		return strings.TrimSuffix(settings.PublicURL, "/"), nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil || !isLoopback(host) {
		return "", errors.New("--auth oidc needs --public-url, the address that clients reach this server by")
	}
	if settings.TLSCert != "" {
		return "https://" + address, nil
	}
	return "http://" + address, nil
}
