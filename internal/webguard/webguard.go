// Package webguard keeps web pages out of a local HTTP server: those that reach it under a foreign name (DNS
// rebinding), and those that send to it from another origin.
package webguard

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Guard knows the names that a server is served under and the origins whose pages may call it. The zero value knows
// those of loopback alone. It is safe for concurrent use.
type Guard struct {
	hosts   []string // "host" or "host:port", in lower case
	origins []string // as browsers spell them, in lower case
}

// New makes a guard. Hosts are names as "host" for any port or "host:port", beside loopback names and the address that
// a connection came in on. Origins are such as "https://app.example.com", beside the server's own on loopback.
func New(hosts, origins []string) (*Guard, error) {
	g := &Guard{}
	for _, host := range hosts {
		name, port, err := splitHost(host)
		if err != nil {
			return nil, fmt.Errorf("allow the host %q: it must be a host or host:port", host)
		}
		g.hosts = append(g.hosts, joinHost(name, port))
	}
	for _, origin := range origins {
		parsed, err := url.Parse(origin)
		if err != nil || parsed.Scheme == "" || parsed.Host == "" || parsed.Scheme+"://"+parsed.Host != origin {
			return nil, fmt.Errorf("allow the origin %q: it must be scheme://host or scheme://host:port", origin)
		}
		g.origins = append(g.origins, strings.ToLower(origin))
	}
	return g, nil
}

// AllowsHost reports whether the Host names this server. Addresses need no list where the connection came in on them:
// no name server can forge an address.
func (g *Guard) AllowsHost(r *http.Request) bool {
	name, port, err := splitHost(r.Host)
	if err != nil {
		return false
	}
	if isLoopback(name) || slices.Contains(g.hosts, name) || slices.Contains(g.hosts, joinHost(name, port)) {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	if port == "" { // clients leave out the port that goes without saying
		port = "80"
		if r.TLS != nil {
			port = "443"
		}
	}
	own, err := netip.ParseAddrPort(local.String())
	addressed, parseErr := netip.ParseAddrPort(net.JoinHostPort(name, port))
	return err == nil && parseErr == nil && own.Port() == addressed.Port() && own.Addr().Unmap() == addressed.Addr().Unmap()
}

// AllowsOrigin reports whether the caller is no web page, or one of an allowed origin or of this very server. Browsers
// send no Origin with some requests but say then in Sec-Fetch-Site where they come from.
func (g *Guard) AllowsOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		site := r.Header.Get("Sec-Fetch-Site")
		return site == "" || site == "none" || site == "same-origin"
	}
	if len(origins) != 1 {
		return false
	}
	origin := strings.ToLower(origins[0])
	return slices.Contains(g.origins, origin) || isOwnOrigin(r, origin)
}

// isOwnOrigin reports whether an origin is the loopback address that this request goes to. Only a program of this machine
// can have served a page from there.
func isOwnOrigin(r *http.Request, origin string) bool {
	name, _, err := splitHost(r.Host)
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return err == nil && isLoopback(name) && origin == scheme+strings.ToLower(r.Host)
}

// splitHost splits the value of a Host header. The port is empty when there is none.
func splitHost(host string) (name, port string, err error) {
	if name, port, ok := splitPlain(host); ok {
		return name, port, nil
	}
	parsed, err := url.Parse("//" + host)
	if err != nil {
		return "", "", err
	}
	name = strings.ToLower(strings.TrimSuffix(parsed.Hostname(), "."))
	if parsed.Host != host || name == "" || strings.Contains(name, "*") {
		return "", "", fmt.Errorf("%q is not a host", host)
	}
	return name, parsed.Port(), nil
}

// splitPlain does the same for names in lower case and IPv4 addresses, which are most: without a copy.
func splitPlain(host string) (name, port string, ok bool) {
	name, port, colon := strings.Cut(host, ":")
	foreign := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' }
	if name == "" || strings.HasSuffix(name, ".") || strings.ContainsFunc(name, foreign) {
		return "", "", false
	}
	if colon && (port == "" || strings.Trim(port, "0123456789") != "") {
		return "", "", false
	}
	return name, port, true
}

func joinHost(name, port string) string {
	if port == "" {
		return name
	}
	return net.JoinHostPort(name, port)
}

func isLoopback(name string) bool {
	address, err := netip.ParseAddr(name)
	return name == "localhost" || (err == nil && address.Unmap().IsLoopback())
}
