package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/server"
	"github.com/robutlerai/robutler-mcp/schema"
	"github.com/robutlerai/robutler-mcp/tools"
)

// madeCall is a call as a person typed it.
type madeCall struct {
	tool string
	// words are the arguments as they stand on the command line, and arguments what was made of them.
	words     []string
	arguments json.RawMessage
	catalog   *tools.Catalog
	flags     *pflag.FlagSet
	settings  *config.Config
	// badObject says that --args holds no object.
	badObject bool
}

// printToolError tells a person what failed, why, and what to do here. The steps that the error itself carries are for
// models.
func printToolError(streams Streams, call madeCall, failed *tools.Error) {
	label := "robutler-mcp: " + failed.Code + ":"
	if wantsColor(streams, streams.ErrTerminal) {
		label = "\x1b[31m" + label + "\x1b[0m"
	}
	lines := wrap("robutler-mcp: "+failed.Code+": "+plainText(call.message(failed)), streams.errWidth())
	lines[0] = strings.Replace(lines[0], "robutler-mcp: "+failed.Code+":", label, 1)
	fmt.Fprintln(streams.Err, strings.Join(lines, "\n"))
	if failed.PlatformSaid != "" {
		tellPerson(streams, "  ", fmt.Sprintf("The platform says: %q", plainText(failed.PlatformSaid)))
	}
	if failed.RetryAfterSeconds > 0 {
		tellPerson(streams, "  ", fmt.Sprintf("Wait at least %d s before you try again.", failed.RetryAfterSeconds))
	}
	for _, step := range call.steps(failed) {
		step.tell(streams)
	}
}

// tellPerson prints a text on stderr, broken between words at a terminal.
func tellPerson(streams Streams, indent, text string) {
	room := streams.errWidth()
	if room > 0 {
		room = max(room-len(indent), 1)
	}
	for _, line := range wrap(text, room) {
		fmt.Fprintln(streams.Err, indent+line)
	}
}

// message says what failed. That a tool is unknown is said without the names of all.
func (c madeCall) message(failed *tools.Error) string {
	if !c.unknown() || failed.Code == server.CodeNotEnabled {
		return failed.Message
	}
	guess := ""
	if nearest, ok := schema.Nearest(c.tool, failed.ValidValues); ok {
		guess = " (did you mean " + nearest + "?)"
	}
	return fmt.Sprintf("unknown tool %q%s", c.tool, guess)
}

// unknown reports whether the tool is not among those that can be called.
func (c madeCall) unknown() bool { return !slices.Contains(c.catalog.Names(), c.tool) }

// step is something that a person can do: in words, and by commands that stand alone, ready to be copied.
type step struct {
	text     string
	commands []string
}

func (s step) tell(streams Streams) {
	tellPerson(streams, "  ", s.text)
	for _, command := range s.commands {
		fmt.Fprintf(streams.Err, "   %s %s\n", quoted([]string{streams.Program}), command)
	}
}

// steps say what a person can do about a failure.
func (c madeCall) steps(failed *tools.Error) []step {
	switch {
	case failed.Code == server.CodeNotEnabled:
		return []step{{c.leftOutBy() + "To see what is enabled:", []string{c.listing()}}}
	case failed.Code == tools.CodeInvalidArgument && c.unknown():
		return []step{{"To see the tools:", []string{c.listing()}}}
	case failed.Code == tools.CodeInvalidArgument && c.gives("path") && strings.Contains(failed.Message, `"path"`):
		return []step{c.uploadStep()}
	case failed.Code == tools.CodeInvalidArgument:
		seen := step{"To see the arguments:", []string{"tools --md --tools " + c.tool}}
		if strings.Contains(failed.NextStep, tools.NothingSent) { // the platform refuses arguments, too
			seen.text = tools.NothingSent + " " + seen.text
		}
		steps := []step{seen}
		if c.badObject {
			steps = append(steps, c.objectStep())
		}
		return steps
	case failed.Code == tools.CodeNotFound:
		return []step{c.findStep()}
	}
	known := stepFor(failed.Code)
	if known.text == "" {
		known.text = failed.NextStep
	}
	for i, command := range known.commands {
		known.commands[i] = c.next(command)
	}
	return []step{known}
}

// objectStep shows how an object is given, since shells take quotes away.
func (c madeCall) objectStep() step {
	tool, err := c.catalog.Find(c.tool)
	if err != nil || tool.Example == "" {
		return step{text: "Put the object into single quotes, so that the shell leaves it as it is."}
	}
	return step{
		"Put the object into single quotes, so that the shell leaves it as it is:",
		[]string{c.next("call "+c.tool) + " --args" + quoted([]string{tool.Example})},
	}
}

// listing is the command that lists what can be called.
func (c madeCall) listing() string {
	command := "tools"
	if !given(c.settings, "toolsets", "tools") {
		command += " --toolsets all"
	}
	return c.next(command)
}

// gives reports whether an argument was given.
func (c madeCall) gives(argument string) bool {
	var given map[string]json.RawMessage
	return json.Unmarshal(c.arguments, &given) == nil && given[argument] != nil
}

// findStep names the commands that find what was not found.
func (c madeCall) findStep() step {
	found := step{text: "Check the id or name."}
	tool, err := c.catalog.Find(c.tool)
	if err != nil {
		return found
	}
	finders, wanted := tool.FindWith, c.text("agent")
	if wanted != "" {
		finders = slices.Concat(finders, tool.FindAgentWith)
	}
	for _, name := range finders {
		command := "call " + name
		if name == "search_agents" {
			command += quoted([]string{"query=" + wanted})
		}
		if slices.Contains(c.catalog.Names(), name) && (name != "search_agents" || wanted != "") {
			found.commands = append(found.commands, c.next(command))
		}
	}
	if len(found.commands) > 0 {
		found.text += " To find it:"
	}
	return found
}

// text gives an argument that is a text; empty for none.
func (c madeCall) text(argument string) string {
	var given map[string]json.RawMessage
	var text string
	if json.Unmarshal(c.arguments, &given) != nil || json.Unmarshal(given[argument], &text) != nil {
		return ""
	}
	return plainText(text)
}
