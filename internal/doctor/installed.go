package doctor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// installed looks at the MCP clients of this machine: whether they know this server, and start this very program.
func (s Subject) installed() []Finding {
	if s.MachineError != nil {
		return []Finding{{"client", Skipped, "where clients keep their files is not known: " + s.MachineError.Error(), ""}}
	}
	var findings []Finding
	for _, known := range clients.All() {
		path := known.Path(s.Machine)
		entry, ok, err := known.Read(path)
		switch {
		case err != nil:
			findings = append(findings, Finding{"client", Failed, fmt.Sprintf("%s: %s cannot be read: %v", known.Title, path, err), "Correct the file: the client cannot read it either."})
		case ok && entry.Off:
			findings = append(findings, Finding{
				"client", Warning, fmt.Sprintf("%s does not start this server: it is switched off in %s", known.Title, path),
				"Switch it on in " + known.Title + ", or take it out: robutler-mcp config " + known.Name + " --remove",
			})
		case ok:
			findings = append(findings, s.started(installation{known, path, entry})...)
		}
	}
	if len(findings) == 0 {
		return []Finding{{"client", OK, "none on this machine is told of this server", "Tell one: robutler-mcp config CLIENT --install"}}
	}
	return findings
}

// started looks at what a client starts: whether it is this program, and whether this program takes what it is given.
func (s Subject) started(i installation) []Finding {
	program, err := exec.LookPath(i.entry.Command)
	switch {
	case i.entry.Command == "" && i.entry.Address != "":
		return []Finding{{"client", Skipped, fmt.Sprintf("%s starts nothing: by %s it reaches this server at an address", i.client.Title, i.path), ""}}
	case i.entry.Command == "":
		return []Finding{{"client", Failed, fmt.Sprintf("%s: %s names no program to start", i.client.Title, i.path), "Write it anew: " + i.again()}}
	case err != nil && len(i.unfilled(i.entry.Command)) < len(clients.Placeholders(i.entry.Command)):
		return []Finding{{"client", Skipped, fmt.Sprintf("%s fills the program's path in by itself: %s", i.client.Title, i.entry.Command), ""}}
	case err != nil:
		return []Finding{{"client", Failed, fmt.Sprintf("%s: %s starts %s, which is no program", i.client.Title, i.path, i.entry.Command), "Write it anew: " + i.again()}}
	case !sameFile(program, s.Program):
		return []Finding{{"client", Warning, fmt.Sprintf("%s starts another program, %s", i.client.Title, program), "If it should start this one: " + i.again()}}
	}
	if findings := append(s.arguments(i), s.environment(i)...); len(findings) > 0 {
		return findings
	}
	return []Finding{{"client", OK, i.client.Title + " starts this program", ""}}
}

func sameFile(one, other string) bool {
	first, err := os.Stat(one)
	if err != nil {
		return filepath.Clean(one) == filepath.Clean(other)
	}
	second, err := os.Stat(other)
	return err == nil && os.SameFile(first, second)
}

// Started finds the first client that starts this program over stdio with settings that are whole, and what it starts.
func Started(machine clients.Machine, program string) (clients.Client, clients.Entry, bool) {
	for _, known := range clients.All() {
		entry, ok, err := known.Read(known.Path(machine))
		if err != nil || !ok || entry.Off || len(entry.Arguments) == 0 || entry.Arguments[0] != "stdio" || lacksKey(entry) {
			continue
		}
		if started, err := exec.LookPath(entry.Command); err == nil && sameFile(started, program) {
			return known, entry, true
		}
	}
	return clients.Client{}, clients.Entry{}, false
}

// withoutKey finds the file of the first client that starts this program, and in which a key is still to be put.
func (s Subject) withoutKey() (path string, ok bool) {
	if s.MachineError != nil {
		return "", false
	}
	for _, known := range clients.All() {
		path := known.Path(s.Machine)
		entry, ok, err := known.Read(path)
		if err != nil || !ok || !lacksKey(entry) {
			continue
		}
		if started, err := exec.LookPath(entry.Command); err == nil && sameFile(started, s.Program) {
			return path, true
		}
	}
	return "", false
}

// lacksKey reports whether the user has yet to put a key in place of the placeholder.
func lacksKey(entry clients.Entry) bool {
	return entry.Environment[client.KeyVariable] == clients.Placeholder
}
