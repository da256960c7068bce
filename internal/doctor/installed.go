package doctor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// installed looks at the MCP clients of this machine: whether they know this server, and start this very program.
func (s Subject) installed() []Finding {
	var findings []Finding
	for _, known := range clients.All() {
		path := known.Path(s.Machine)
		entry, ok, err := known.Read(path)
		switch {
		case err != nil:
			findings = append(findings, Finding{"client", Warning, fmt.Sprintf("%s: %s cannot be read: %v", known.Title, path, err), "Correct the file: the client cannot read it either."})
		case ok:
			findings = append(findings, s.started(known, path, entry))
		}
	}
	if len(findings) == 0 {
		return []Finding{{"client", OK, "none on this machine is told of this server", "Tell one: robutler-mcp config CLIENT --install"}}
	}
	return findings
}

// started compares what a client starts with this program.
func (s Subject) started(known clients.Client, path string, entry clients.Entry) Finding {
	again := fmt.Sprintf("robutler-mcp config %s --install", known.Name)
	program, err := exec.LookPath(entry.Command)
	switch {
	case err != nil:
		return Finding{"client", Failed, fmt.Sprintf("%s: %s starts %s, which is no program", known.Title, path, entry.Command), "Write it anew: " + again}
	case !sameFile(program, s.Program):
		return Finding{"client", Warning, fmt.Sprintf("%s starts another program, %s", known.Title, program), "If it should start this one: " + again}
	case entry.Environment["WEBAGENTS_API_KEY"] == clients.Placeholder:
		return Finding{"client", Failed, fmt.Sprintf("%s: %s holds no key yet", known.Title, path), fmt.Sprintf("Put your key in place of %q.", clients.Placeholder)}
	default:
		return Finding{"client", OK, known.Title + " starts this program", ""}
	}
}

func sameFile(one, other string) bool {
	first, err := os.Stat(one)
	if err != nil {
		return filepath.Clean(one) == filepath.Clean(other)
	}
	second, err := os.Stat(other)
	return err == nil && os.SameFile(first, second)
}
