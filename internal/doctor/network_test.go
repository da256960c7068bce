package doctor

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// chosen are settings in which somebody chose the platform's address.
func chosen(address string) *config.Config {
	return &config.Config{BaseURL: address, Origins: []config.Origin{{Setting: "base-url", Value: address, From: "--base-url"}}}
}

// A name that is not found may be wrong, or the machine may have no network: many systems give the same answer to both.
func TestANameThatIsNotFound(t *testing.T) {
	t.Parallel()
	absent := &net.DNSError{Err: "no such host", IsNotFound: true}
	for _, test := range []struct {
		name       string
		settings   *config.Config
		connected  bool
		err        error
		words, fix string
	}{
		{"offline", chosen("https://work.example"), false, absent, "this machine has no network", "Connect it"},
		{"offline, another answer", chosen("https://work.example"), false, errors.New("refused"), "this machine has no network", "Connect it"},
		{"a wrong host", chosen("https://work.example"), true, absent, "work.example does not exist", "Correct --base-url."},
		{"the public platform", &config.Config{BaseURL: client.DefaultBaseURL}, true, absent, "the name server does not know robutler.ai", "It is the public platform's address"},
		{"no answer", chosen("https://work.example"), true, &net.DNSError{Err: "timeout", IsTimeout: true}, "does not answer for work.example", "Check the network"},
	} {
		s := Subject{
			Settings: test.settings, Connected: func() bool { return test.connected },
			LookUp: func(context.Context, string) ([]net.IPAddr, error) { return nil, fmt.Errorf("look up: %w", test.err) },
		}
		host, _, _ := s.target()
		if got := s.lookUp(t.Context(), host); got.Status != Failed || !strings.Contains(got.Detail, test.words) || !strings.HasPrefix(got.Fix, test.fix) {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
	s := Subject{Settings: chosen("https://work.example"), LookUp: func(context.Context, string) ([]net.IPAddr, error) {
		return []net.IPAddr{{IP: net.IPv4(192, 0, 2, 7)}}, nil
	}}
	if got := s.lookUp(t.Context(), "work.example"); got.Status != OK || got.Detail != "work.example is 192.0.2.7" {
		t.Errorf("%+v", got)
	}
}

func TestWithoutANetworkNothingIsReached(t *testing.T) {
	t.Parallel()
	unreachable := fmt.Errorf("dial: %w", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ENETUNREACH})
	for connected, words := range map[bool]string{true: "192.0.2.7:443 cannot be reached", false: "this machine has no network"} {
		s := Subject{Settings: chosen("https://192.0.2.7"), Connected: func() bool { return connected }}
		if got := s.refusedHandshake(unreachable, "192.0.2.7:443"); got.Status != Failed || !strings.Contains(got.Detail, words) {
			t.Errorf("%+v", got)
		}
	}
	offline := func() bool { return false }
	for address, words := range map[string]string{"http://192.0.2.7": "this machine has no network", "http://127.0.0.1:1": "platform unreachable"} {
		s := Subject{Settings: chosen(address), Connected: offline}
		if got := s.explained("reached", client.ErrUnavailable); got.Status != Failed || !strings.Contains(got.Detail, words) {
			t.Errorf("%s: %+v", address, got)
		}
	}
}

// Each kind of failure has advice for a person, who is told nothing that is for a model.
func TestAdviceIsForPeople(t *testing.T) {
	t.Parallel()
	for _, settings := range []*config.Config{chosen("https://work.example"), {KeyOrigin: client.KeyVariable}} {
		s := Subject{Settings: settings, Connected: func() bool { return true }}
		for _, known := range append(s.advices(), advice{kind: errors.New("another")}) {
			got := s.explained("reached", fmt.Errorf("ask: %w", known.kind))
			if known.fix != "" && got.Fix != known.fix {
				t.Errorf("%v: %+v", known.kind, got)
			}
			if lower := strings.ToLower(got.Fix); got.Fix == "" || strings.Contains(lower, "the user") || strings.Contains(lower, "call again") {
				t.Errorf("%v: %+v", known.kind, got)
			}
		}
	}
	if len(Failures()) < 10 {
		t.Error(Failures())
	}
}

// A certificate that ends soon works, and is worth knowing.
func TestACertificateThatEndsSoon(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 5, 8, 0, 0, 0, 0, time.UTC)
	certificate := &x509.Certificate{NotAfter: end, Issuer: pkix.Name{Organization: []string{"Some Authority"}}}
	for left, want := range map[time.Duration]Status{71 * time.Hour: Warning, 73 * time.Hour: OK} {
		got := lasting(certificate, end.Add(-left))
		if got.Status != want || !strings.Contains(got.Detail, "2026-05-08") || !strings.Contains(got.Detail, "by Some Authority") || !Healthy([]Finding{got}) {
			t.Errorf("%s: %+v", left, got)
		}
	}
}
