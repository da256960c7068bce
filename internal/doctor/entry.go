package doctor

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// installation is the entry of this server in a client's file.
type installation struct {
	client clients.Client
	path   string
	entry  clients.Entry
}

// again is the command that writes the entry anew.
func (i installation) again() string { return "robutler-mcp config " + i.client.Name + " --install" }

// unfilled gives the placeholders of a text that the client hands on as they are.
func (i installation) unfilled(text string) []string {
	return slices.DeleteFunc(clients.Placeholders(text), i.client.Fills)
}

// fillsIn reports whether the client puts something that cannot be known here into what it starts.
func (i installation) fillsIn() bool {
	for _, text := range append(slices.Collect(maps.Values(i.entry.Environment)), i.entry.Arguments...) {
		if len(i.unfilled(text)) < len(clients.Placeholders(text)) {
			return true
		}
	}
	return false
}

// arguments looks at what the program is given: as it reads them itself.
func (s Subject) arguments(i installation) []Finding {
	for _, argument := range i.entry.Arguments {
		if found := i.unfilled(argument); len(found) > 0 {
			return []Finding{{
				"client", Failed, fmt.Sprintf("%s: the args in %s hold an unexpanded %s", i.client.Title, i.path, found[0]),
				i.client.Title + " does not fill it in: write the value itself.",
			}}
		}
	}
	if i.fillsIn() {
		return nil // what the program gets in the end is the client's to know
	}
	settings, err := s.Entry(i.entry)
	var findings []Finding
	if err != nil {
		findings = append(findings, Finding{
			"client", Failed, fmt.Sprintf("%s: this program refuses what %s starts it with: %v", i.client.Title, i.path, err),
			"Correct the args and the env there, or write them anew: " + i.again(),
		})
	}
	if settings == nil {
		return findings
	}
	for _, origin := range settings.Origins {
		if config.IsPath(origin.Setting, origin.Value) && !origin.InFile && !filepath.IsAbs(origin.Value) {
			findings = append(findings, Finding{
				"client", Warning, fmt.Sprintf("%s: %s in %s names %s without its folder", i.client.Title, origin.From, i.path, origin.Value),
				"A client starts its servers in a folder of its own: write the whole path.",
			})
		}
	}
	if err == nil {
		findings = append(findings, s.entryKey(i, settings)...)
	}
	return findings
}

// entryKey looks at where the program that a client starts gets its key.
func (s Subject) entryKey(i installation, settings *config.Config) []Finding {
	value, set := i.entry.Environment[client.KeyVariable]
	alias := strings.TrimSpace(i.entry.Environment[client.KeyAliasVariable])
	switch {
	case settings.Sandbox || (!byFlag(settings) && (strings.TrimSpace(value) != "" || alias != "")):
		return nil
	case settings.SuppliesKey():
		if err := settings.CheckKey(); err != nil {
			return []Finding{{
				"client", Failed, fmt.Sprintf("%s: the key that %s leads to is not to be had: %v", i.client.Title, i.path, err),
				"Correct it there, or put the key into the env.",
			}}
		}
		return nil
	case set:
		return []Finding{{"client", Failed, fmt.Sprintf("%s: the %s in %s is empty", i.client.Title, client.KeyVariable, i.path), "Put your key there."}}
	default:
		return []Finding{{
			"client", Warning, fmt.Sprintf("%s: nothing in %s leads to a key", i.client.Title, i.path),
			"Put " + client.KeyVariable + " into the env: most clients do not pass on what your shell has.",
		}}
	}
}

// byFlag reports whether a flag leads to the key, which then wins over the environment.
func byFlag(settings *config.Config) bool {
	return slices.ContainsFunc([]string{"api-key-file", "api-key-command"}, func(setting string) bool {
		origin, ok := settings.Origin(setting)
		return ok && origin.From == "--"+setting
	})
}

// environment looks at the variables that the program is given.
func (s Subject) environment(i installation) []Finding {
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(i.entry.Environment)) {
		value := i.entry.Environment[name]
		if found := i.unfilled(value); len(found) > 0 && slices.Contains(config.AllVariables(), name) {
			findings = append(findings, Finding{
				"client", Failed, fmt.Sprintf("%s: the %s in %s holds an unexpanded %s", i.client.Title, name, i.path, found[0]),
				i.client.Title + " does not fill it in: write the value itself.",
			})
		}
	}
	if lacksKey(i.entry) {
		findings = append(findings, Finding{"client", Failed, fmt.Sprintf("%s: %s holds no key yet", i.client.Title, i.path), fmt.Sprintf("Put your key in place of %q.", clients.Placeholder)})
	}
	return append(findings, oldName(i)...)
}

// oldName finds the key by its older name, which counts only where the other is not set.
func oldName(i installation) []Finding {
	old, current := strings.TrimSpace(i.entry.Environment[client.KeyAliasVariable]), strings.TrimSpace(i.entry.Environment[client.KeyVariable])
	switch {
	case old == "" || old == current:
		return nil
	case current != "":
		return []Finding{{
			"client", Warning, fmt.Sprintf("%s: %s holds two keys, and %s does not count", i.client.Title, i.path, client.KeyAliasVariable),
			"Take it out, or put its value into " + client.KeyVariable + ".",
		}}
	default:
		return []Finding{{
			"client", Warning, fmt.Sprintf("%s: %s has the key by an older name, %s", i.client.Title, i.path, client.KeyAliasVariable),
			"It works; " + client.KeyVariable + " is the name that comes first.",
		}}
	}
}
