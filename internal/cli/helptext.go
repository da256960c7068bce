package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// narrowHanging is the least room beside a term; where there is less, what is said of it begins below.
const narrowHanging = 24

func aboutOf(command *cobra.Command) string {
	if command.Long != "" {
		return command.Long
	}
	return command.Short + "."
}

// headOf says what a command does and how it is used: its forms, its examples and the commands below it.
func headOf(command *cobra.Command, about string, width int) string {
	var head strings.Builder
	fmt.Fprintf(&head, "%sUsage:\n  %s\n", flowed(about, width), command.UseLine())
	if command.HasAvailableSubCommands() {
		fmt.Fprintf(&head, "  %s COMMAND\n", command.CommandPath())
	}
	if command.HasExample() {
		fmt.Fprintf(&head, "\nExamples:\n%s\n", command.Example)
	}
	if command.HasAvailableSubCommands() {
		head.WriteString("\nCommands:\n")
		for _, below := range command.Commands() {
			if below.IsAvailableCommand() {
				head.WriteString(hanging(fmt.Sprintf("  %-10s  ", below.Name()), below.Short, width))
			}
		}
	}
	return head.String()
}

// flowed breaks paragraphs into lines of a width, and ends with an empty one. An indented line stays one of its own: what
// follows the spaces behind its first words hangs below where it begins.
func flowed(text string, width int) string {
	var flow strings.Builder
	var paragraph []string
	end := func() {
		if len(paragraph) > 0 {
			flow.WriteString(hanging("", strings.Join(paragraph, " "), width))
		}
		paragraph = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && !strings.HasPrefix(line, " ") {
			paragraph = append(paragraph, line)
			continue
		}
		end()
		begins := len(line) - len(strings.TrimLeft(line, " "))
		if gap := strings.LastIndex(line, "  "); gap > begins {
			begins = gap + len("  ")
		}
		flow.WriteString(hanging(line[:begins], line[begins:], width))
	}
	end()
	return flow.String() + "\n"
}

// hanging puts a text behind a term, in lines of a width that begin below each other.
func hanging(term, text string, width int) string {
	const below = "      "
	indent := strings.Repeat(" ", widthOf(term))
	var lines strings.Builder
	if width-len(indent) < narrowHanging && strings.TrimSpace(term) != "" {
		lines.WriteString(strings.TrimRight(term, " ") + "\n")
		term, indent = below, below
	}
	for i, line := range wrap(text, max(width-len(indent), 1)) {
		if i > 0 {
			term = indent
		}
		lines.WriteString(strings.TrimRight(term+line, " ") + "\n")
	}
	return lines.String()
}

// explained gives each flag below the heading of its group.
func explained(groups []FlagGroup, width int) string {
	var text strings.Builder
	for _, group := range groups {
		fmt.Fprintf(&text, "\n%s:\n", group.heading())
		terms, meanings := explanations(group.Flags)
		for i, term := range terms {
			text.WriteString(hanging(term, meanings[i], width))
		}
	}
	return text.String()
}

// heading is a group's title, with what its flags are about.
func (g FlagGroup) heading() string {
	if g.About == "" {
		return g.Title
	}
	return g.Title + " (" + g.About + ")"
}

// explanations gives flags as they are typed, all of one width, and what they mean, both in the words of the library, which
// would break the lines in some places alone.
func explanations(flags []*pflag.Flag) (terms, meanings []string) {
	const gap = "   "
	wide := 0
	for _, flag := range flags {
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		set.AddFlag(flag)
		usage := strings.TrimRight(set.FlagUsages(), "\n")
		name := strings.Index(usage, "--")
		term, meaning, _ := strings.Cut(usage[name:], gap)
		if _, list := flag.Value.(pflag.SliceValue); list { // a long one breaks between its items
			meaning = strings.ReplaceAll(meaning, flag.DefValue, strings.ReplaceAll(flag.DefValue, ",", ", "))
		}
		terms = append(terms, usage[:name]+term)
		meanings = append(meanings, strings.TrimSpace(meaning))
		wide = max(wide, widthOf(usage[:name]+term))
	}
	for i, term := range terms {
		terms[i] = pad(term, wide, false) + gap
	}
	return terms, meanings
}

// named gives the names of the flags of each group.
func named(groups []FlagGroup, whole string, width int) string {
	var text strings.Builder
	text.WriteString("\n" + hanging("", "More flags ("+whole+" explains them):", width))
	for _, group := range groups {
		names := make([]string, 0, len(group.Flags))
		for _, flag := range group.Flags {
			names = append(names, "--"+flag.Name)
		}
		text.WriteString(hanging(fmt.Sprintf("  %-17s  ", group.Title), strings.Join(names, ", "), width))
	}
	return text.String()
}
