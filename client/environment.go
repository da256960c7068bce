package client

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
)

// The environment variables that the client reads, in the order in which they win.
const (
	KeyVariable             = "WEBAGENTS_API_KEY"
	KeyAliasVariable        = "ROBUTLER_API_KEY"
	InternalBaseURLVariable = "ROBUTLER_INTERNAL_API_URL"
	BaseURLVariable         = "ROBUTLER_API_URL"
)

// DefaultBaseURL is the platform that is used when nothing else is said.
const DefaultBaseURL = "https://robutler.ai"

// KeySource gives the API key of a call. It is asked once a call, so that one client can serve many callers on one
// connection pool. It returns [ErrMissingKey] when there is none.
type KeySource func(context.Context) (string, error)

// EnvironmentKey reads the API key from WEBAGENTS_API_KEY, then ROBUTLER_API_KEY.
func EnvironmentKey() (string, error) {
	for _, name := range []string{KeyVariable, KeyAliasVariable} {
		if key := strings.TrimSpace(os.Getenv(name)); key != "" {
			return key, nil
		}
	}
	return "", fmt.Errorf("%w: set %s", ErrMissingKey, KeyVariable)
}

// EnvironmentBaseURL reads the platform's address from ROBUTLER_INTERNAL_API_URL, then ROBUTLER_API_URL, and falls
// back to [DefaultBaseURL].
func EnvironmentBaseURL() string {
	for _, name := range []string{InternalBaseURLVariable, BaseURLVariable} {
		if base := strings.TrimSpace(os.Getenv(name)); base != "" {
			return base
		}
	}
	return DefaultBaseURL
}

// parseBaseURL checks an address of the platform: absolute, http or https, without user, query or fragment, and https
// unless the host is loopback or plain HTTP is allowed.
func parseBaseURL(text string, allowPlainHTTP bool) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(strings.TrimSpace(text), "/"))
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("%w: the base URL must look like https://robutler.ai", ErrInvalidArgument)
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("%w: the base URL must not hold a user, a query or a fragment", ErrInvalidArgument)
	}
	if base.Scheme == "http" && !allowPlainHTTP && !isLoopbackHost(base.Hostname()) {
		return nil, fmt.Errorf("%w: the base URL must be https, since plain http would show the API key to the network",
			ErrInvalidArgument)
	}
	return base, nil
}

func isLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// checkKey refuses a key that could not be sent as a header, such as one pasted with a line break.
func checkKey(key string) (string, error) {
	key = strings.TrimSpace(key)
	if key == "" {
		return "", ErrMissingKey
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return "", fmt.Errorf("%w: what is set as the key holds a character that no key has; put the key itself into %s",
				ErrMissingKey, KeyVariable)
		}
	}
	return key, nil
}
