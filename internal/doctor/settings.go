package doctor

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// settings tells where each setting came from and what is wrong with them.
func (s Subject) settings() []Finding {
	findings := s.unexpanded()
	if s.StartedBy != "" {
		findings = append(findings, Finding{"settings", OK, "those that " + s.StartedBy + " starts this program with", ""})
	}
	for _, origin := range s.Settings.Origins {
		if finding, wrong := unfilled(origin); wrong {
			findings = append(findings, finding)
		} else if s.SettingsError == nil {
			findings = append(findings, Finding{"settings", OK, fmt.Sprintf("%s = %s (from %s)", origin.Setting, origin.Value, origin.From), ""})
		}
	}
	if s.SettingsError != nil {
		return append(findings, Finding{"settings", Failed, s.SettingsError.Error(), correction(s.SettingsError)})
	}
	if len(s.Settings.Origins) == 0 && s.StartedBy == "" {
		findings = append(findings, Finding{"settings", OK, "all are as by default", ""})
	}
	return append(findings, s.key(), s.address())
}

// correction says what to do about settings that cannot be loaded.
func correction(err error) string {
	if errors.Is(err, config.ErrNotYours) {
		return "Do that, and look at what stands in the file before you use it."
	}
	return "Correct it where it is set: a flag wins over the environment, the environment over the file."
}

// unexpanded finds variables that a client passed on without filling them in.
func (s Subject) unexpanded() []Finding {
	var findings []Finding
	for _, name := range config.AllVariables() {
		value, _ := s.Environment(name)
		if found := clients.Placeholders(value); len(found) > 0 && !config.Blank(value) {
			findings = append(findings, Finding{
				"environment", Failed, name + " holds an unexpanded " + found[0],
				"Whoever starts this program does not fill it in: put the value itself there.",
			})
		}
	}
	return findings
}

// unfilled finds a flag, or a setting of the file, that holds a variable which nothing fills in. Those of the environment
// are found there, and the program that prints a key may well be a shell with variables of its own.
func unfilled(origin config.Origin) (Finding, bool) {
	found := clients.Placeholders(origin.Value)
	if len(found) == 0 || origin.Setting == "api-key-command" || (!origin.InFile && !strings.HasPrefix(origin.From, "--")) {
		return Finding{}, false
	}
	return Finding{
		"settings", Failed, fmt.Sprintf("%s holds an unexpanded %s (from %s)", origin.Setting, found[0], origin.From),
		"Nothing fills it in there: write the value itself.",
	}, true
}

// key tells where the key is from.
func (s Subject) key() Finding {
	switch {
	case s.Settings.Sandbox:
		return Finding{"key", OK, "the embedded platform has its own", ""}
	case s.KeyError != nil:
		return Finding{"key", Failed, "it is not to be had: " + s.KeyError.Error(), s.correctKey()}
	case s.Settings.Key.Empty():
		return Finding{"key", Failed, "there is none", s.supplyKey() + "; keys are made at https://robutler.ai/developer."}
	default:
		return Finding{"key", OK, "from " + s.Settings.KeyOrigin, ""}
	}
}

// supplyKey says where to put a key. Where a client waits for one that is its file: clients do not pass on what a shell has.
func (s Subject) supplyKey() string {
	value, _ := s.Environment(client.KeyVariable)
	path, waits := s.withoutKey()
	if !waits || strings.TrimSpace(value) != "" {
		return sentence(s.Settings.KeyProblem)
	}
	return fmt.Sprintf("Put your key in place of %q in %s", clients.Placeholder, path)
}

// correctKey says which setting leads to a key that is not to be had.
func (s Subject) correctKey() string {
	for _, setting := range []string{"api-key-file", "api-key-command"} {
		if origin, ok := s.Settings.Origin(setting); ok {
			return "Mend that, or correct " + setting + ", which is set by " + origin.From + "."
		}
	}
	return "Mend that, or set " + client.KeyVariable + " to your API key."
}

// address looks at the platform's address, which never holds a secret.
func (s Subject) address() Finding {
	if s.Settings.Sandbox && s.ClientError != nil {
		return Finding{
			"platform", Failed, "the embedded one does not start: " + s.ClientError.Error(),
			"Correct the setting, or look at the disk; --sandbox-db :memory: needs none.",
		}
	}
	if s.Settings.Sandbox {
		return Finding{"platform", OK, "embedded, generation " + s.Settings.SandboxProfile, ""}
	}
	if s.ClientError != nil {
		return Finding{"platform", Failed, s.ClientError.Error(), s.correctAddress()}
	}
	return Finding{"platform", OK, s.Settings.BaseURL, ""}
}

// correctAddress says where the platform's address is to be corrected.
func (s Subject) correctAddress() string {
	origin, ok := s.Settings.Origin("base-url")
	switch {
	case !ok:
		return "It is the public platform's address, so look at what lies between: a login page of the network, a proxy, a VPN or a firewall."
	case origin.InFile:
		return "Correct base-url in " + origin.From + "."
	default:
		return "Correct " + origin.From + "."
	}
}

// perhapsAddress says the same where the address may be right.
func (s Subject) perhapsAddress() string {
	correct := s.correctAddress()
	if rest, ok := strings.CutPrefix(correct, "Correct "); ok {
		return "If the address is wrong, correct " + rest
	}
	return correct
}

// sentence begins with a capital letter.
func sentence(words string) string {
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
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

// onThisMachine reports whether the platform's address needs no network.
func (s Subject) onThisMachine() bool {
	host, _, _ := s.target()
	address, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && address.IsLoopback())
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
