package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// network looks at the way to the platform: certificates, proxy, name and TLS.
func (s Subject) network(ctx context.Context) []Finding {
	if s.Settings.Sandbox || s.ClientError != nil {
		return nil
	}
	findings := []Finding{s.authorities()}
	proxy, through := s.proxy()
	findings = append(findings, proxy)
	if through {
		// What lies behind the proxy is the proxy's to look up.
		return findings
	}
	host, port, secure := s.target()
	named := s.lookUp(ctx, host)
	findings = append(findings, named)
	if secure && named.Status == OK {
		findings = append(findings, s.handshake(ctx, host, port))
	}
	return findings
}

// connected tells whether this machine has an address that reaches beyond it.
func (s Subject) connected() bool {
	if s.Connected != nil {
		return s.Connected()
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return true // it cannot be told
	}
	for _, known := range interfaces {
		if known.Flags&(net.FlagUp|net.FlagRunning) != net.FlagUp|net.FlagRunning {
			continue
		}
		addresses, err := known.Addrs()
		if err != nil {
			return true
		}
		for _, address := range addresses {
			if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
				return true
			}
		}
	}
	return false
}

// authorities looks at certificates that the environment names in place of the system's.
func (s Subject) authorities() Finding {
	const fix = "Correct SSL_CERT_FILE, or unset it to use the system's authorities."
	path, ok := s.Environment("SSL_CERT_FILE")
	if !ok || path == "" {
		return Finding{"authorities", OK, "the system's", ""}
	}
	text, err := os.ReadFile(path) //nolint:gosec // the user names the file
	switch {
	case err != nil:
		return Finding{"authorities", Failed, fmt.Sprintf("SSL_CERT_FILE names %s, which cannot be read", path), fix}
	case !x509.NewCertPool().AppendCertsFromPEM(text):
		return Finding{"authorities", Failed, fmt.Sprintf("SSL_CERT_FILE names %s, which holds no certificate", path), fix}
	default:
		return Finding{"authorities", OK, "those of SSL_CERT_FILE, " + path, ""}
	}
}

// proxy tells whether calls go through a proxy.
func (s Subject) proxy() (found Finding, through bool) {
	address, err := url.Parse(s.Settings.BaseURL)
	if err != nil {
		return Finding{"proxy", Skipped, "the address is wrong", ""}, false
	}
	proxy, err := s.proxies().ProxyFunc()(address)
	switch {
	case err != nil:
		return Finding{"proxy", Failed, "HTTPS_PROXY or HTTP_PROXY is no address", "Correct or unset it."}, false
	case proxy == nil:
		return Finding{"proxy", OK, "none", ""}, false
	default:
		return Finding{"proxy", OK, "calls go through " + proxy.Host + " (from HTTPS_PROXY or HTTP_PROXY)", ""}, true
	}
}

// proxies reads the variables that calls heed, too.
func (s Subject) proxies() *httpproxy.Config {
	either := func(upper, lower string) string {
		if value, _ := s.Environment(upper); value != "" {
			return value
		}
		value, _ := s.Environment(lower)
		return value
	}
	return &httpproxy.Config{
		HTTPProxy: either("HTTP_PROXY", "http_proxy"), HTTPSProxy: either("HTTPS_PROXY", "https_proxy"), NoProxy: either("NO_PROXY", "no_proxy"),
	}
}

// lookUp finds the addresses of the platform's name.
func (s Subject) lookUp(ctx context.Context, host string) Finding {
	if isAddress(host) {
		return Finding{"name", OK, host + " needs no name server", ""}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	lookUp := s.LookUp
	if lookUp == nil {
		lookUp = net.DefaultResolver.LookupIPAddr
	}
	addresses, err := lookUp(ctx, host)
	missing, ok := errors.AsType[*net.DNSError](err)
	_, chosen := s.Settings.Origin("base-url")
	switch {
	case err == nil:
		return Finding{"name", OK, host + " is " + joined(addresses), ""}
	case !s.connected():
		return Finding{"name", Failed, "this machine has no network, so that " + host + " cannot be looked up", connect}
	case !ok || !missing.IsNotFound:
		return Finding{"name", Failed, "the name server does not answer for " + host, "Check the network, a VPN or a firewall."}
	case !chosen:
		return Finding{"name", Failed, "the name server does not know " + host + ", the public platform", s.correctAddress()}
	default:
		return Finding{"name", Failed, host + " does not exist", s.correctAddress() + " If it is right, its network may need a VPN."}
	}
}

// connect is what to do without a network.
const connect = "Connect it, then run doctor again; --sandbox needs no network."

// handshake makes a TLS connection as calls do, and reads the certificate.
func (s Subject) handshake(ctx context.Context, host, port string) Finding {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	connection, err := (&tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12}}).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return s.refusedHandshake(err, net.JoinHostPort(host, port))
	}
	defer func() { _ = connection.Close() }() // nothing was sent
	secured, ok := connection.(*tls.Conn)
	if !ok || len(secured.ConnectionState().PeerCertificates) == 0 {
		return Finding{"tls", OK, "the connection is safe", ""}
	}
	return lasting(secured.ConnectionState().PeerCertificates[0], time.Now())
}

// lasting tells how long a certificate is good.
func lasting(certificate *x509.Certificate, now time.Time) Finding {
	until, by := certificate.NotAfter.Format(time.DateOnly), issuer(certificate)
	if certificate.NotAfter.Sub(now) < 72*time.Hour {
		return Finding{"tls", Warning, fmt.Sprintf("the certificate ends within three days, on %s; it is by %s", until, by), "Tell whoever runs the platform."}
	}
	return Finding{"tls", OK, fmt.Sprintf("the certificate is good until %s, by %s", until, by), ""}
}

func issuer(certificate *x509.Certificate) string {
	if names := certificate.Issuer.Organization; len(names) > 0 {
		return strings.Join(names, " ")
	}
	return certificate.Issuer.CommonName
}

// refusedHandshake says what is wrong with a connection.
func (s Subject) refusedHandshake(err error, address string) Finding {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return Finding{"tls", Failed, "the certificate has expired, or this machine's clock is wrong", "Compare the clock; if it is right, tell whoever runs the platform."}
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		by := "somebody"
		if unknown.Cert != nil {
			by = issuer(unknown.Cert)
		}
		return Finding{"tls", Failed, "the certificate is by " + by + ", whom this machine does not trust", "If a proxy of your company opens connections, name its certificate in SSL_CERT_FILE."}
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		return Finding{"tls", Failed, "the certificate is for another name than " + wrong.Host, s.correctAddress()}
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return Finding{"tls", Failed, address + " does not speak TLS", s.correctAddress() + " Its port may be wrong."}
	}
	if _, ok := errors.AsType[*net.OpError](err); ok && !s.connected() {
		return Finding{"tls", Failed, "this machine has no network, so that " + address + " is out of reach", connect}
	} else if ok {
		return Finding{"tls", Failed, address + " cannot be reached", "Check the network, a firewall or a proxy; HTTPS_PROXY names one."}
	}
	return Finding{"tls", Failed, "the TLS connection fails", "Check for a proxy or firewall in between; old ones know no TLS 1.2."}
}
