package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/robutlerai/robutler-mcp/internal/cli"
)

// completionScripts gives the script of each shell, by the name of its file in archives.
func completionScripts() (map[string][]byte, error) {
	root := cli.Commands()
	scripts := map[string][]byte{}
	for name, write := range map[string]func(io.Writer) error{
		"robutler-mcp.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"robutler-mcp.zsh":  root.GenZshCompletion,
		"robutler-mcp.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"robutler-mcp.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		var script bytes.Buffer
		if err := write(&script); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		scripts[name] = script.Bytes()
	}
	return scripts, nil
}
