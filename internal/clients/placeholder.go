package clients

import (
	"regexp"
	"slices"
	"strings"
)

// Placeholders gives what of a text looks like a variable to be filled in: ${HOME}, ${env:KEY}, ${KEY:-none}. Of one
// that is no name it gives "${...}": anything may be in it.
func Placeholders(text string) []string {
	var found []string
	for _, placeholder := range regexp.MustCompile(`\$\{[^}]*\}?`).FindAllString(text, -1) {
		if !regexp.MustCompile(`^\$\{[A-Za-z0-9_.:/-]{1,64}\}$`).MatchString(placeholder) {
			placeholder = "${...}"
		}
		if !slices.Contains(found, placeholder) {
			found = append(found, placeholder)
		}
	}
	return found
}

// Fills reports whether the client fills a placeholder in before it starts the server.
func (c Client) Fills(placeholder string) bool {
	return c.fills != nil && c.fills(strings.TrimSuffix(strings.TrimPrefix(placeholder, "${"), "}"))
}

// anyVariable is of clients that fill in variables of their environment by their names alone.
func anyVariable(name string) bool {
	return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(:-.*)?$`).MatchString(name)
}

// editorVariable is of editors: variables have a kind, and a few folders a name.
func editorVariable(name string) bool {
	kind, _, qualified := strings.Cut(name, ":")
	if qualified {
		return slices.Contains([]string{"env", "input", "config", "command", "file"}, kind)
	}
	return slices.Contains([]string{"workspaceFolder", "workspaceFolderBasename", "userHome", "pathSeparator", "/"}, name)
}
