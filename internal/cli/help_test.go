package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand gives the whole tree, with the commands that cobra adds when it runs.
func everyCommand(t *testing.T) []*cobra.Command {
	t.Helper()
	root := Commands()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var found []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(command *cobra.Command) {
		command.InitDefaultHelpFlag()
		found = append(found, command)
		for _, below := range command.Commands() {
			walk(below)
		}
	}
	walk(root)
	if len(found) < 14 {
		t.Fatalf("%d commands", len(found))
	}
	return found
}

// helpAt gives the help as somebody with a terminal of a width sees it.
func helpAt(t *testing.T, width int, arguments ...string) screen {
	t.Helper()
	return executeWith(t, Streams{In: neverRead{t}, Environment: lookup(nil), OutTerminal: true, Width: func() int { return width }}, arguments...)
}

// TestHelpFitsAScreen asks every command for help in each of the ways, at terminals of several widths.
func TestHelpFitsAScreen(t *testing.T) {
	t.Parallel()
	for _, command := range everyCommand(t) {
		for _, width := range []int{80, 100, 132} {
			t.Run(fmt.Sprintf("%s %d", command.CommandPath(), width), func(t *testing.T) {
				t.Parallel()
				words := strings.Fields(command.CommandPath())[1:]
				short := helpAt(t, width, append(words, "--help")...)
				if short.status != 0 || short.stderr != "" {
					t.Fatalf("%+v", short)
				}
				if lines := strings.Count(short.stdout, "\n"); lines > screenHeight {
					t.Errorf("%d lines\n%s", lines, short.stdout)
				}
				withinWidth(t, short.stdout, width)
				_, examples, _ := strings.Cut(short.stdout, "\nExamples:\n")
				examples, _, _ = strings.Cut(examples, "\n\n")
				if strings.Count(examples, "robutler-mcp ") < 2 {
					t.Errorf("examples: %q", examples)
				}
				if again := helpAt(t, width, append([]string{"help"}, words...)...); again.status != 0 || again.stdout != short.stdout {
					t.Errorf("help %v: %+v", words, again)
				}
			})
		}
	}
}

func withinWidth(t *testing.T, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		if wide := widthOf(strings.TrimSuffix(line, "\n")); wide > width {
			t.Errorf("%d columns: %s", wide, line)
		}
	}
}

// TestHelpIsAsWideAsTheTerminal: 80 where that is not known, as in a pipe.
func TestHelpIsAsWideAsTheTerminal(t *testing.T) {
	t.Parallel()
	at := func(width int) string { return helpAt(t, width, "http", "--help-all").stdout }
	if at(0) != at(80) || at(80) == at(100) || at(100) == at(132) || execute(t, nil, "http", "--help-all").stdout != at(80) {
		t.Error("the help does not follow the terminal")
	}
	if got := execute(t, map[string]string{"COLUMNS": "100"}, "http", "--help-all"); got.stdout != at(100) {
		t.Error("the help does not follow COLUMNS")
	}
}

// TestHelpLosesNoFlag: what --help only names, --help-all explains.
func TestHelpLosesNoFlag(t *testing.T) {
	t.Parallel()
	for _, command := range everyCommand(t) {
		t.Run(command.CommandPath(), func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(command.CommandPath())[1:]
			whole := execute(t, nil, append(slices.Clone(words), "--help-all")...)
			if command.Name() == "help" {
				whole = execute(t, nil, "help", "help", "--help-all")
			}
			if whole.status != 0 || whole.stderr != "" {
				t.Fatalf("%+v", whole)
			}
			withinWidth(t, whole.stdout, screenWidth)
			command.Flags().VisitAll(func(flag *pflag.Flag) {
				if !strings.Contains(whole.stdout, "--"+flag.Name+" ") {
					t.Errorf("--%s is missing in\n%s", flag.Name, whole.stdout)
				}
			})
			short := execute(t, nil, append(words, "--help")...)
			command.Flags().VisitAll(func(flag *pflag.Flag) {
				if !regexp.MustCompile("--" + flag.Name + `[,\s]`).MatchString(short.stdout) {
					t.Errorf("--%s is not even named in\n%s", flag.Name, short.stdout)
				}
			})
			for _, group := range GroupFlags(command.Flags()) {
				if !strings.Contains(short.stdout, group.Title) || !strings.Contains(whole.stdout, "\n"+group.heading()+":\n") {
					t.Errorf("%s is missing", group.Title)
				}
			}
		})
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	t.Parallel()
	for _, command := range everyCommand(t) {
		above := command.Parent()
		if above == nil || command.Name() == "help" {
			continue
		}
		page := execute(t, nil, append(strings.Fields(above.CommandPath())[1:], "--help")...)
		if !strings.Contains(page.stdout, "\n  "+command.Name()+" ") {
			t.Errorf("%s is not in the help of %s", command.Name(), above.CommandPath())
		}
	}
}

func TestHelpIsAskedForFirst(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"call", "--help-all"}, {"config", "a", "b", "--help-all"}, {"--help-all", "--sandbox"}, {"help", "--help-all", "call"}} {
		if got := execute(t, nil, arguments...); got.status != 0 || !strings.Contains(got.stdout, "limit of one attempt") {
			t.Errorf("%v: %+v", arguments, got)
		}
	}
	if got := execute(t, nil, "version", "--help-all=false"); got.status != 0 || strings.Contains(got.stdout, "Usage") {
		t.Errorf("%+v", got)
	}
}

func TestFlowed(t *testing.T) {
	t.Parallel()
	word := strings.Repeat("x", 60)
	got := flowed("a\nb\n\n"+word+" "+word+"\nlist:\n  --flag   "+word+" "+word+"\n    "+word+" c\nd", 80)
	want := "a b\n\n" + word + "\n" + word + " list:\n  --flag   " + word + "\n           " + word + "\n    " + word + " c\nd\n\n"
	if got != want {
		t.Errorf("%q", got)
	}
	if got, want := flowed("  --a-long-flag   its meaning in words", 30), "  --a-long-flag\n      its meaning in words\n\n"; got != want {
		t.Errorf("%q", got)
	}
}
