package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/consent"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/tools"
)

// enumerations gives the values of the flags that take one of a few, with what they mean.
func enumerations() map[string][]string {
	described := cobra.CompletionWithDesc
	return map[string][]string{
		"auth": {
			described(config.AuthNone, "one user, with the configured key"),
			described(config.AuthPassthrough, "each bearer is the caller's own Robutler key"),
			described(config.AuthOIDC, "each bearer is an access token of --oidc-issuer"),
		},
		"confirm": {
			described(string(consent.ModeAuto), "calls that delete, show secrets or move money"),
			described(string(consent.ModeAlways), "all calls that change anything"),
			described(string(consent.ModeOff), "none"),
		},
		"log-format": {"text", "json"},
		"log-level":  {"debug", "info", "warn", "error"},
		"output":     {described(outputText, "tables and names"), described(outputJSON, "the tool's own JSON")},
		"sandbox-profile": {
			described(string(sandbox.Profile2025), "the routes of 2025"), described(string(sandbox.Profile2026), "the routes of 2026"),
			described("both", "the routes of both"),
		},
	}
}

// completeFlags lets a shell complete the values of flags of a command and all below it. It is done only where a shell
// asks: cobra keeps what it is told of flags for as long as the program runs.
func completeFlags(command *cobra.Command, streams Streams) {
	values := enumerations()
	command.Flags().VisitAll(func(flag *pflag.Flag) {
		complete := completionOf(flag, values[flag.Name], streams)
		if complete != nil {
			_ = command.RegisterFlagCompletionFunc(flag.Name, complete) // it fails where it was done before
		}
	})
	for _, below := range command.Commands() {
		completeFlags(below, streams)
	}
}

// completionOf gives what completes a flag: nil where a shell completes files.
func completionOf(flag *pflag.Flag, values []string, streams Streams) cobra.CompletionFunc {
	switch flag.Name {
	case "config":
		return cobra.FixedCompletions([]string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt)
	case "profile":
		return completeProfiles(streams)
	case "toolsets":
		return completeList(toolsetNames)
	case "tools", "exclude-tools":
		return completeList(func() []string { return completeTools(wholeCatalog()) })
	case "rate-limit":
		return completeList(func() []string { return []string{"read=", "write=", "money=", off} })
	case "oidc-scopes":
		return completeList(func() []string { return []string{"read=", "write=", "secret=", "money=", off} })
	}
	if values != nil {
		return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return startingWith(typed, values), cobra.ShellCompDirectiveNoFileComp
		}
	}
	switch kind, _ := pflag.UnquoteUsage(flag); kind {
	case "file", "path", "program":
		return nil
	case "folder":
		return cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
	default:
		return cobra.NoFileCompletions
	}
}

// completeProfiles gives the profiles of the configuration file that is named ahead of it, or in the environment.
func completeProfiles(streams Streams) cobra.CompletionFunc {
	return func(command *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		path := ""
		if flag := command.Flags().Lookup("config"); flag != nil {
			path = flag.Value.String()
		}
		for _, variable := range config.Variables("config") {
			if value, ok := streams.Environment(variable); ok && path == "" {
				path = strings.TrimSpace(value)
			}
		}
		return startingWith(typed, config.Profiles(path)), cobra.ShellCompDirectiveNoFileComp
	}
}

// off is what turns a list off as a whole.
const off = "off"

// completeList completes the last of several words that commas separate, none of which comes twice.
func completeList(words func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		start := strings.LastIndex(typed, ",") + 1
		given := map[string]bool{off: start > 0}
		for word := range strings.SplitSeq(typed[:start], ",") {
			name, _, pair := strings.Cut(word, "=")
			if pair {
				name += "="
			}
			given[name] = true
		}
		var completions []string
		for _, completion := range startingWith(typed[start:], words()) {
			name, _, _ := strings.Cut(completion, "\t")
			if start > 0 {
				completion = typed[:start] + name // the script of bash finds no comma among what is described
			}
			if !given[name] {
				completions = append(completions, completion)
			}
		}
		return completions, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// wholeCatalog gives all tools, whatever the settings are; none where it cannot be made, since completion tells nobody.
func wholeCatalog() *tools.Catalog {
	catalog, err := offlineSelection(&config.Config{Toolsets: []string{tools.ToolsetAll}})
	if err != nil {
		return &tools.Catalog{}
	}
	return catalog
}

// toolsetNames gives each toolset twice: whole, and what of it changes nothing.
func toolsetNames() []string {
	var names []string
	for _, name := range append([]string{tools.ToolsetDefault, tools.ToolsetAll}, wholeCatalog().Toolsets()...) {
		names = append(names, name, cobra.CompletionWithDesc(name+":ro", "what of it changes nothing"))
	}
	return names
}

func startingWith(typed string, completions []string) []string {
	var found []string
	for _, completion := range completions {
		if strings.HasPrefix(completion, typed) {
			found = append(found, completion)
		}
	}
	return found
}
