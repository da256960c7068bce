package doctor

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// settings tells where each setting came from and what is wrong with them.
func (s Subject) settings() []Finding {
	findings := s.unexpanded()
	if s.StartedBy != "" {
		findings = append(findings, Finding{"settings", OK, "those that " + s.StartedBy + " starts this program with", ""})
	}
	if s.SettingsError != nil {
		return append(findings, Finding{"settings", Failed, s.SettingsError.Error(), "Correct it where it is set: a flag wins over the environment, the environment over the file."})
	}
	if len(s.Settings.Origins) == 0 && s.StartedBy == "" {
		findings = append(findings, Finding{"settings", OK, "all are as by default", ""})
	}
	for _, origin := range s.Settings.Origins {
		findings = append(findings, Finding{"settings", OK, fmt.Sprintf("%s = %s (from %s)", origin.Setting, origin.Value, origin.From), ""})
	}
	return append(findings, s.key(), s.address())
}

// unexpanded finds variables that a client passed on without filling them in.
func (s Subject) unexpanded() []Finding {
	var findings []Finding
	for _, name := range config.AllVariables() {
		if value, ok := s.Environment(name); ok && strings.Contains(value, "${") && !config.Blank(value) {
			findings = append(findings, Finding{
				"environment", Failed, name + " holds an unexpanded ${...}",
				"The client does not fill it in: put the value itself there.",
			})
		}
	}
	return findings
}

// key tells where the key is from.
func (s Subject) key() Finding {
	switch {
	case s.Settings.Sandbox:
		return Finding{"key", OK, "the embedded platform has its own", ""}
	case s.Settings.Key.Empty():
		return Finding{"key", Failed, "there is none", "Please " + s.Settings.KeyProblem + "; keys are made at https://robutler.ai/developer."}
	default:
		return Finding{"key", OK, "from " + s.Settings.KeyOrigin, ""}
	}
}

// address looks at the platform's address, which never holds a secret.
func (s Subject) address() Finding {
	if s.Settings.Sandbox {
		return Finding{"platform", OK, "embedded, generation " + s.Settings.SandboxProfile, ""}
	}
	if s.ClientError != nil {
		return Finding{"platform", Failed, s.ClientError.Error(), "Correct " + client.BaseURLVariable + " or --base-url."}
	}
	return Finding{"platform", OK, s.Settings.BaseURL, ""}
}

// target is the platform's address in parts.
func (s Subject) target() (host, port string, secure bool) {
	address, err := url.Parse(s.Settings.BaseURL)
	if err != nil {
		return "", "", false
	}
	secure = address.Scheme == "https"
	port = address.Port()
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[secure]
	}
	return address.Hostname(), port, secure
}

// isAddress reports whether a host needs no name server.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost"
}

// joined lists addresses.
func joined(addresses []net.IPAddr) string {
	words := make([]string, 0, len(addresses))
	for _, address := range addresses {
		words = append(words, address.String())
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
