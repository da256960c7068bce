package cli

import (
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

// TestHelpFitsAScreen asks every command for help in each of the ways.
func TestHelpFitsAScreen(t *testing.T) {
	t.Parallel()
	for _, command := range everyCommand(t) {
		t.Run(command.CommandPath(), func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(command.CommandPath())[1:]
			short := execute(t, nil, append(words, "--help")...)
			if short.status != 0 || short.stderr != "" {
				t.Fatalf("%+v", short)
			}
			if lines := strings.Count(short.stdout, "\n"); lines > screenHeight {
				t.Errorf("%d lines\n%s", lines, short.stdout)
			}
			for line := range strings.Lines(short.stdout) {
				if len(line)-1 > screenWidth {
					t.Errorf("%d columns: %s", len(line)-1, line)
				}
			}
			_, examples, _ := strings.Cut(short.stdout, "\nExamples:\n")
			examples, _, _ = strings.Cut(examples, "\n\n")
			if strings.Count(examples, "robutler-mcp ") < 2 {
				t.Errorf("examples: %q", examples)
			}
			if again := execute(t, nil, append([]string{"help"}, words...)...); again.status != 0 || again.stdout != short.stdout {
				t.Errorf("help %v: %+v", words, again)
			}
		})
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
			for line := range strings.Lines(whole.stdout) {
				if len(line) > 131 { // the library puts defaults behind the lines that it breaks
					t.Errorf("too wide: %s", line)
				}
			}
			command.Flags().VisitAll(func(flag *pflag.Flag) {
				if !strings.Contains(whole.stdout, "--"+flag.Name+" ") {
					t.Errorf("--%s is missing in\n%s", flag.Name, whole.stdout)
				}
			})
			short := execute(t, nil, append(words, "--help")...)
			for _, group := range GroupFlags(command.Flags()) {
				if !strings.Contains(short.stdout, group.Title) || !strings.Contains(whole.stdout, group.Title+":\n") {
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
	got := flowed("a\nb\n\n" + word + " " + word + "\nlist:\n  " + word + " " + word + "\nc")
	want := "a b\n\n" + word + "\n" + word + " list:\n  " + word + " " + word + "\nc\n\n"
	if got != want {
		t.Errorf("%q", got)
	}
}
