package packages

import (
	"regexp"
	"strings"
	"testing"
)

// TestCask reads the Homebrew cask: it fetches what checksums.txt lists, for every platform of Homebrew's, and installs
// only what is in those archives.
func TestCask(t *testing.T) {
	text := string(read(t, dist("homebrew", "Casks", "robutler-mcp.rb")))
	b, sums := metadata(t), checksums(t)
	if !strings.Contains(text, "cask \"robutler-mcp\" do\n  version \""+b.Version+"\"\n") {
		t.Errorf("the cask is of another version than %s:\n%s", b.Version, text)
	}
	downloads := regexp.MustCompile(`url "https://github\.com/robutlerai/robutler-mcp/releases/download/([^/]+)/([^"]+)",\s+verified: "github\.com/robutlerai/robutler-mcp/"\s+sha256 "([0-9a-f]{64})"`)
	found := downloads.FindAllStringSubmatch(text, -1)
	if len(found) != 4 || strings.Count(text, "sha256 ") != 4 {
		t.Fatalf("%d downloads in\n%s", len(found), text)
	}
	for _, download := range found {
		name := strings.ReplaceAll(download[2], "#{version}", b.Version)
		if strings.ReplaceAll(download[1], "#{version}", b.Version) != b.Tag || sums[name] == "" || sums[name] != download[3] {
			t.Errorf("%s of %s has the sum %q, the cask says %s", name, download[1], sums[name], download[3])
		}
		files := unpack(t, dist(name))
		installed := regexp.MustCompile(`(?m)^  (?:binary|manpage|\w+_completion) "([^"]+)"$`).FindAllStringSubmatch(text, -1)
		if len(installed) < 14 {
			t.Errorf("it installs %v", installed)
		}
		for _, path := range installed {
			if len(files[path[1]].content) == 0 {
				t.Errorf("%s is not in %s", path[1], name)
			}
		}
	}
	// Gatekeeper would refuse to start what is not notarized and has the mark of a download.
	if !strings.Contains(text, `["-dr", "com.apple.quarantine", "#{staged_path}/robutler-mcp"]`) || strings.Contains(text, "sudo") {
		t.Error("the mark of a download stays on the program, or somebody's password is asked for")
	}
	if opened, closed := len(regexp.MustCompile(`(?m) do$|^\s+if `).FindAllString(text, -1)), len(regexp.MustCompile(`(?m)^\s*end$`).FindAllString(text, -1)); opened != closed {
		t.Errorf("%d blocks are opened and %d closed", opened, closed)
	}
}
