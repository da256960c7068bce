package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"time"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/cli"
	"github.com/robutlerai/robutler-mcp/internal/config"
)

// manualPages gives a page of section 1 for each command, plain for archives and compressed for packages.
func manualPages(date time.Time) (map[string][]byte, error) {
	pages := map[string][]byte{}
	for _, command := range allCommands(cli.Commands()) {
		name := pageName(command) + ".1"
		pages[name] = render(manualPage(command, date))
		compressed, err := compress(pages[name])
		if err != nil {
			return nil, err
		}
		pages[name+".gz"] = compressed
	}
	return pages, nil
}

// allCommands gives a command and all that are below it and shown in its help.
func allCommands(command *cobra.Command) []*cobra.Command {
	found := []*cobra.Command{command}
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() {
			found = append(found, allCommands(below)...)
		}
	}
	return found
}

func pageName(command *cobra.Command) string {
	return strings.ReplaceAll(command.CommandPath(), " ", "-")
}

// render turns Markdown into a manual page whose words, names of variables among them, are neither broken nor spread.
func render(markdown []byte) []byte {
	page := bytes.TrimPrefix(md2man.Render(markdown), []byte(".nh\n"))
	return bytes.Replace(page, []byte("\n.SH"), []byte("\n.nh\n.ad l\n.SH"), 1) // .TH forgets what was before
}

// compress leaves name and time out, as gzip -n does.
func compress(text []byte) ([]byte, error) {
	var compressed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress a manual page: %w", err)
	}
	if _, err := writer.Write(text); err != nil {
		return nil, fmt.Errorf("compress a manual page: %w", err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("compress a manual page: %w", err)
	}
	return compressed.Bytes(), nil
}

// manualPage writes a command's page in the Markdown that md2man reads.
func manualPage(command *cobra.Command, date time.Time) []byte {
	var page bytes.Buffer
	name := pageName(command)
	fmt.Fprintf(&page, "%% %q \"1\" %q \"robutler-mcp\" \"User Commands\"\n", strings.ToUpper(name), date.Format("January 2006"))
	fmt.Fprintf(&page, "# NAME\n%s \\- %s\n\n", name, escape(command.Short))
	writeSynopsis(&page, command)
	fmt.Fprintf(&page, "# DESCRIPTION\n%s\n\n", escape(describe(command)))
	writeBelow(&page, command)
	writeOptions(&page, command)
	if command.HasExample() {
		fmt.Fprintf(&page, "# EXAMPLES\n```\n%s\n```\n\n", unindent(command.Example))
	}
	if !command.HasParent() {
		page.WriteString(surroundings)
	}
	writeSeeAlso(&page, command)
	return page.Bytes()
}

func describe(command *cobra.Command) string {
	if command.Long != "" {
		return command.Long
	}
	return command.Short + "."
}

func writeSynopsis(page *bytes.Buffer, command *cobra.Command) {
	path := command.CommandPath()
	_, arguments, _ := strings.Cut(command.UseLine(), path)
	fmt.Fprintf(page, "# SYNOPSIS\n**%s** %s\n\n", path, escape(strings.TrimSpace(arguments)))
	if !command.HasParent() {
		fmt.Fprintf(page, "**%s** COMMAND\n\n", path)
	}
}

func writeBelow(page *bytes.Buffer, command *cobra.Command) {
	if !command.HasAvailableSubCommands() {
		return
	}
	page.WriteString("# COMMANDS\n")
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() {
			fmt.Fprintf(page, "**%s**\n: %s\n\n", below.Name(), escape(below.Short))
		}
	}
}

// writeOptions writes the flags below the headings of the help.
func writeOptions(page *bytes.Buffer, command *cobra.Command) {
	command.InitDefaultHelpFlag()
	page.WriteString("# OPTIONS\n")
	for i, group := range cli.GroupFlags(command.Flags()) {
		if i > 0 {
			fmt.Fprintf(page, "### %s\n", group.Title)
		}
		for _, flag := range group.Flags {
			writeOption(page, flag)
		}
	}
}

func writeOption(page *bytes.Buffer, flag *pflag.Flag) {
	value, usage := pflag.UnquoteUsage(flag)
	term := "**--" + flag.Name + "**"
	if flag.Shorthand != "" {
		term = "**-" + flag.Shorthand + "**, " + term
	}
	if value != "" {
		term += " *" + escape(value) + "*"
	}
	text := escape(usage)
	if standard := defaultOf(flag); standard != "" {
		text += " (default: " + escape(standard) + ")"
	}
	if variables := config.FlagVariables(flag); len(variables) > 0 {
		text += ". Environment: " + escape(strings.Join(variables, ", "))
	}
	fmt.Fprintf(page, "%s\n: %s\n\n", term, text)
}

// defaultOf gives what a flag is unless it is set, and nothing where that is nothing.
func defaultOf(flag *pflag.Flag) string {
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		return strings.Join(list.GetSlice(), ", ")
	}
	switch flag.DefValue {
	case "false", "0", "0s":
		return ""
	default:
		return flag.DefValue
	}
}

// surroundings are the sections that the program has once: what its commands have in common.
const surroundings = `# ENVIRONMENT
**WEBAGENTS\_API\_KEY**, **ROBUTLER\_API\_KEY**
: the API key, the first to win first. It is never given on the command line.

**ROBUTLER\_...**
: every option has a variable, named with it above. A flag wins over its variable, and a variable over the configuration file.

**XDG\_DATA\_HOME**
: the folder of the user's data, unless it is **~/.local/share**

**NO\_COLOR**
: when set, nothing is colored

# FILES
**$XDG\_DATA\_HOME/robutler-mcp/**
: the journal of calls that move money or destroy something, the audit trail, and the embedded platform's database

# EXIT STATUS
**0**
: all went well

**1**
: the work failed

**2**
: the command line or a setting is wrong

**3**
: nothing was done, since nobody agreed to it

`

func writeSeeAlso(page *bytes.Buffer, command *cobra.Command) {
	var names []string
	if command.HasParent() {
		names = append(names, pageName(command.Parent()))
	}
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, pageName(below))
		}
	}
	for i := range names {
		names[i] = "**" + names[i] + "**(1)"
	}
	fmt.Fprintf(page, "# SEE ALSO\n%s\n", strings.Join(names, ", "))
}

// escape keeps plain text from being read as Markdown.
func escape(text string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "<", "\\<", ">", "\\>", "[", "\\[", "]", "\\]").Replace(text)
}

// unindent takes the indentation of the help away.
func unindent(example string) string {
	lines := strings.Split(example, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return strings.Join(lines, "\n")
}
