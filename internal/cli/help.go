package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagGroup is a heading of the help and the flags below it.
type flagGroup struct {
	title string
	flags []string
}

// flagGroups sorts the flags that commands share. What is in none of them is the command's own and comes first.
func flagGroups() []flagGroup {
	return []flagGroup{
		{"Platform", []string{"api-key-file", "api-key-command", "base-url", "timeout", "max-retries", "config", "profile"}},
		{"Embedded platform", []string{"sandbox", "sandbox-db", "sandbox-profile", "llm-url", "seed", "fault", "rate-limits"}},
		{"Tools", []string{"toolsets", "tools", "exclude-tools", "read-only", "no-money", "upload-root"}},
		{"Consent and money", []string{"confirm", "max-spend-per-call", "max-spend-per-day", "journal"}},
		{"Callers", []string{
			"auth", "oidc-issuer", "oidc-audience", "oidc-keys", "oidc-scopes", "public-url", "rate-limit", "allowed-host",
			"allowed-origin", "tls-cert", "tls-key", "behind-proxy",
		}},
		{"Log and telemetry", []string{"log-level", "log-format", "log-file", "metrics-addr", "otlp-endpoint", "traces", "pprof-addr"}},
	}
}

// writeUsage prints how a command is used: its forms, its examples, the commands below it, and its flags in groups.
func writeUsage(command *cobra.Command) error {
	var page bytes.Buffer
	fmt.Fprintf(&page, "Usage:\n  %s\n", command.UseLine())
	if command.HasAvailableSubCommands() && command.Parent() == nil {
		fmt.Fprintf(&page, "  %s COMMAND\n", command.CommandPath())
	}
	if command.HasExample() {
		fmt.Fprintf(&page, "\nExamples:\n%s\n", command.Example)
	}
	if command.HasAvailableSubCommands() {
		page.WriteString("\nCommands:\n")
		for _, below := range command.Commands() {
			if below.IsAvailableCommand() {
				fmt.Fprintf(&page, "  %-9s %s\n", below.Name(), below.Short)
			}
		}
	}
	writeFlags(&page, command.Flags())
	if _, err := page.WriteTo(command.OutOrStderr()); err != nil {
		return fmt.Errorf("print the help: %w", err)
	}
	return nil
}

// writeFlags prints each flag below the heading of its group.
func writeFlags(page *bytes.Buffer, flags *pflag.FlagSet) {
	for _, group := range GroupFlags(flags) {
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		set.SortFlags = false
		for _, flag := range group.Flags {
			set.AddFlag(flag)
		}
		if text := strings.TrimRight(set.FlagUsagesWrapped(screenWidth), "\n"); text != "" {
			fmt.Fprintf(page, "\n%s:\n%s\n", group.Title, text)
		}
	}
}
