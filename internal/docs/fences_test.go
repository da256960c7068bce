package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

// fenceFaults tells what is wrong with the blocks of a page: each says what it is written in, so that commands are run and
// settings can be read by what they are meant for.
func fenceFaults(page markdownPage) []string {
	var faults []string
	complain := func(line int, err error) {
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s:%d: %v", page.path, line, err))
		}
	}
	if page.open != 0 {
		complain(page.open, errors.New("the block never ends"))
	}
	for _, block := range page.blocks {
		complain(block.line, readBlock(block.language, block.content))
		if block.language == "sh" && !isFollowed(page.path) {
			complain(block.line, errors.New("nothing runs the commands of this page: show them in docs"))
		}
	}
	for line, prose := range page.prose {
		if strings.HasPrefix(strings.TrimSpace(prose), "~~~") {
			complain(line, errors.New("mark blocks with three backticks"))
		}
	}
	return faults
}

// isFollowed reports whether the end-to-end tests run the commands of a page.
func isFollowed(page string) bool { return page == "README.md" || path.Dir(page) == "docs" }

// readBlock reads a block as what it says it is.
func readBlock(language, content string) error {
	var value any
	switch language {
	case "":
		return errors.New("the block does not say what it is: sh if it is for a shell, json, yaml, toml, or text")
	case "json":
		return json.Unmarshal([]byte(content), &value)
	case "yaml":
		return yaml.Unmarshal([]byte(content), &value)
	case "toml":
		return toml.Unmarshal([]byte(content), &value)
	case "text":
		return notCommands(content)
	case "go": // what is shown in whole or in part comes from programs that are compiled
		_, err := format.Source([]byte(content))
		return err
	case "sh", "py", "ts": // they are run
		return nil
	case "mermaid", "powershell": // a forge draws the one, and there is no shell here for the other
		return nil
	case "bash", "shell", "console":
		return fmt.Errorf("call %s sh, so that it is run", language)
	default:
		return fmt.Errorf("nothing checks %s", language)
	}
}

// notCommands finds a block that calls itself text and begins with a command line of this project, which nobody would run.
// Further down, such a line is what a program printed.
func notCommands(content string) error {
	commands := simpleCommands(content)
	if len(commands) == 0 {
		return nil
	}
	words := commands[0]
	if program := filepath.Base(words[0]); len(words) > 1 && (program == "robutler-mcp" || program == "make") {
		return fmt.Errorf("call it sh, so that %q is run", strings.Join(words, " "))
	}
	return nil
}

func TestBlocksAreWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, page := range repositoryPages(t, "../..") {
		for _, fault := range fenceFaults(page) {
			t.Error(fault)
		}
	}
}

func TestFaultyBlocksAreFound(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"```\ntrue\n```", "- item\n  ```\n  true\n  ```", "```bash\ntrue\n```", "```sj\ntrue\n```", "````md\n```", "~~~sh", "```sh\ntrue\n",
		"```json\n{\"a\": 1,}\n```", "```json\n{} // none\n```", "```json\n```", "```yaml\na: b: c\n```", "```toml\na = \n```", "```go\nfunc {\n```",
		"```text\nmake bundle\n```", "```text\n./bin/robutler-mcp tools\n```",
	} {
		if faults := fenceFaults(parseMarkdown("docs/planted.md", text)); len(faults) != 1 {
			t.Errorf("%q: %q", text, faults)
		}
	}
	if faults := fenceFaults(parseMarkdown("CONTRIBUTING.md", "```sh\ntrue\n```")); len(faults) != 1 {
		t.Errorf("commands that nobody runs: %q", faults)
	}
	good := "```sh\ntrue\n```\n```json\n{\"a\": [1]}\n```\n```yaml\na: {b: c}\n```\n```toml\n[a]\nb = 1\n```\n```text\n/plugin install\nmake\n```\n"
	if faults := fenceFaults(parseMarkdown("docs/planted.md", good)); len(faults) > 0 {
		t.Errorf("%q", faults)
	}
}
