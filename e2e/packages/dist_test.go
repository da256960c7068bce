package packages

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// platforms are those that there are archives for.
func platforms() []string {
	return []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64", "windows_arm64"}
}

// dist gives the path of what make dist built.
func dist(elements ...string) string {
	return filepath.Join(append([]string{os.Getenv(distVariable)}, elements...)...)
}

// find gives the only file of a pattern in dist/.
func find(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(dist(pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// built is what goreleaser says of its work.
type built struct{ Version, Tag, Commit string }

func metadata(t *testing.T) built {
	t.Helper()
	var b built
	if err := json.Unmarshal(read(t, dist("metadata.json")), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// checksums gives the sums of checksums.txt by file.
func checksums(t *testing.T) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for line := range strings.Lines(string(read(t, dist("checksums.txt")))) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
	}
	return sums
}

// run gives what a program prints on stdout; it must say nothing else and succeed.
func run(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Env = []string{"PATH=" + os.Getenv("PATH") + ":/usr/sbin:/sbin", "HOME=" + t.TempDir(), "LC_ALL=C"}
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s %v: %v: %s%s", name, arguments, err, output, &complaints)
	}
	return string(output)
}

// TestChecksums compares every published file with its sum, and sees that none is without.
func TestChecksums(t *testing.T) {
	sums := checksums(t)
	for name, sum := range sums {
		if got := hash(read(t, dist(name))); got != sum {
			t.Errorf("%s has the sum %s, checksums.txt says %s", name, got, sum)
		}
	}
	files, err := os.ReadDir(dist())
	if err != nil {
		t.Fatal(err)
	}
	published := regexp.MustCompile(`\.(tar\.gz|zip|deb|rpm|sbom\.json)$`)
	count := 0
	for _, file := range files {
		if published.MatchString(file.Name()) {
			count++
			if sums[file.Name()] == "" {
				t.Errorf("%s has no sum", file.Name())
			}
		}
	}
	// An archive and a bill of materials for each platform, and two packages for each processor.
	if want := 2*len(platforms()) + 4; count != want || len(sums) != want {
		t.Errorf("%d files and %d sums, not %d", count, len(sums), want)
	}
}

// TestTheCommitIsKnown: without it neither version nor times would be the commit's.
func TestTheCommitIsKnown(t *testing.T) {
	// Root looks at what is somebody else's clone, which git refuses unless told.
	if head := strings.TrimSpace(run(t, "git", "-c", "safe.directory=*", "-C", "../..", "rev-parse", "HEAD")); metadata(t).Commit != head {
		t.Errorf("dist/ was made from %s, checked out is %s: run make dist", metadata(t).Commit, head)
	}
}
