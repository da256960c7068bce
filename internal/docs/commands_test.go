package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/cli"
	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

// shownCommands checks what pages show of the command line: commands, flags, tools and their arguments, clients, targets
// of make and environment variables must exist. The end-to-end tests run the blocks but for those that say why not.
type shownCommands struct {
	catalog *tools.Catalog
	targets []string
}

// foreignFlags are flags of other programs that pages speak of.
func foreignFlags() []string { return []string{"--version"} }

func (s shownCommands) check(page markdownPage) []string {
	var wrong []string
	complain := func(line int, what string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s:%d: %s: %v", page.path, line, what, err))
		}
	}
	for _, block := range page.blocks {
		if block.language != "sh" {
			continue
		}
		if reason, found := strings.CutPrefix(block.above, "<!-- not run:"); found && strings.TrimSpace(strings.TrimSuffix(reason, "-->")) == "" {
			complain(block.line, block.above, errors.New("it gives no reason"))
		}
		for _, words := range simpleCommands(block.content) {
			complain(block.line, strings.Join(words, " "), s.command(words))
		}
	}
	for _, span := range page.spans {
		complain(span.line, span.text, s.span(span.text))
	}
	return wrong
}

// command checks a command of a block.
func (s shownCommands) command(words []string) error {
	switch filepath.Base(words[0]) {
	case "robutler-mcp":
		return s.program(words[1:])
	case "make":
		return s.make(words[1:])
	default:
		return nil
	}
}

func (s shownCommands) program(arguments []string) error {
	if err := cli.CheckArguments(arguments); err != nil {
		return err
	}
	if len(arguments) < 2 || strings.HasPrefix(arguments[1], "-") || strings.ToUpper(arguments[1]) == arguments[1] {
		return nil // none is named, or a word in capitals stands for it
	}
	switch arguments[0] {
	case "config":
		_, err := clients.Find(arguments[1])
		return err
	case "call":
		return s.call(arguments[1], arguments[2:])
	default:
		return nil
	}
}

// call checks the tool of a call and the names of its arguments.
func (s shownCommands) call(name string, arguments []string) error {
	tool, err := s.catalog.Find(name)
	if err != nil {
		return err
	}
	var input struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(tool.Input.JSON(), &input); err != nil {
		return err
	}
	for _, argument := range arguments {
		given, _, pair := strings.Cut(argument, "=")
		if _, known := input.Properties[given]; pair && !known && regexp.MustCompile(`^[a-z_]+$`).MatchString(given) {
			return fmt.Errorf("%s has no argument %s", name, given)
		}
	}
	return nil
}

func (s shownCommands) make(words []string) error {
	for _, word := range words {
		if !strings.Contains(word, "=") && !slices.Contains(s.targets, word) {
			return fmt.Errorf("the Makefile has no target %s", word)
		}
	}
	return nil
}

// span checks what stands between backticks.
func (s shownCommands) span(text string) error {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	variable := regexp.MustCompile(`^ROBUTLER_[A-Z_]+[A-Z]$`)
	switch {
	case filepath.Base(words[0]) == "robutler-mcp" && (slices.Contains(words, ">") || slices.Contains(words, "|")):
		return errors.New("it needs a shell: show it in a block, so that it is run")
	case regexp.MustCompile(`^--[a-z]`).MatchString(words[0]):
		return flagsOf(words)
	case len(words) == 2 && filepath.Base(words[0]) == "robutler-mcp":
		return s.program([]string{words[1], "--help"}) // it is named, not shown
	case len(words) > 1 && (filepath.Base(words[0]) == "robutler-mcp" || words[0] == "make"):
		return s.command(simpleCommands(text)[0])
	case variable.MatchString(text) && !slices.Contains(config.AllVariables(), text) && !strings.HasPrefix(text, "ROBUTLER_INSPECTOR_"):
		return errors.New("no setting is read from it")
	}
	return nil
}

// flagsOf checks that some command has each flag.
func flagsOf(words []string) error {
	for _, word := range words {
		name, _, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		if strings.HasPrefix(word, "--") && !cli.HasFlag(name) && !slices.Contains(foreignFlags(), "--"+name) {
			return fmt.Errorf("no command has the flag --%s", name)
		}
	}
	return nil
}

// shown prepares the checks.
func shown(t *testing.T) shownCommands {
	t.Helper()
	all, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	s := shownCommands{catalog: all}
	for _, found := range regexp.MustCompile(`(?m)^\.PHONY: (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		s.targets = append(s.targets, found[1])
	}
	return s
}

func TestShownCommandsExist(t *testing.T) {
	t.Parallel()
	checks := shown(t)
	for _, page := range repositoryPages(t, "../..") {
		if page.path == "CHANGELOG.md" {
			continue // it tells what was
		}
		for _, wrong := range checks.check(page) {
			t.Error(wrong)
		}
	}
}

// TestExamplesOfTheHelpExist holds what --help shows to the same.
func TestExamplesOfTheHelpExist(t *testing.T) {
	t.Parallel()
	checks := shown(t)
	var check func(*cobra.Command)
	check = func(command *cobra.Command) {
		page := parseMarkdown(command.CommandPath(), "```sh\n"+command.Example+"\n```\n")
		for _, wrong := range checks.check(page) {
			t.Error(wrong)
		}
		for _, below := range command.Commands() {
			check(below)
		}
	}
	root := cli.Commands()
	root.InitDefaultHelpCmd()
	check(root)
}

func TestWrongCommandsAreFound(t *testing.T) {
	t.Parallel()
	checks := shown(t)
	for _, text := range []string{
		"```sh\nrobutler-mcp tools --jason\n```", "```sh\n./bin/robutler-mcp http --read\n```", "```sh\nX=1 robutler-mcp tols\n```",
		"```sh\ntrue | robutler-mcp call get_credit\n```", "```sh\nrobutler-mcp call get_agent name=x\n```", "```sh\nrobutler-mcp config cursr\n```",
		"```sh\nrobutler-mcp stdio --timeout soon\n```", "```sh\nrobutler-mcp doctor extra\n```", "```sh\nmake tests\n```",
		"<!-- not run: -->\n```sh\ntrue\n```", "use `--toolset`", "use `robutler-mcp jurnal`", "set `ROBUTLER_READONLY`", "`make chek`",
		"`robutler-mcp config CLIENT --installed`", "`--sandbox --faults \"x\"`", "| bash | `robutler-mcp completion bash > ~/absent/robutler-mcp` |",
	} {
		if wrong := checks.check(parseMarkdown("planted.md", text)); len(wrong) != 1 {
			t.Errorf("%q: %q", text, wrong)
		}
	}
	good := "`robutler-mcp config CLIENT --install` `--toolsets agents:ro` `ROBUTLER_READ_ONLY` `make docs` `robutler-mcp call TOOL`\n" +
		"```sh\nrobutler-mcp call get_agent agent=x --sandbox -o text\nrobutler-mcp completion bash\nrobutler-mcp http --help\n```\n"
	if wrong := checks.check(parseMarkdown("planted.md", good)); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
}
