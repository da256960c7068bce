package chaos

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mutantsVariable has the planted bugs built and hunted.
const mutantsVariable = "CHAOS_MUTANTS"

// root is the module's, seen from this package.
const root = "../.."

// plant writes the changed files of a mutant, and gives the overlay that makes the build use them. A text that is no
// longer there, or there twice, means that the bug has to be described anew.
func (m mutant) plant(folder string) (overlay string, err error) {
	changed := map[string]string{}
	for _, change := range m.edits {
		path, err := filepath.Abs(filepath.Join(root, change.file))
		if err != nil {
			return "", err
		}
		text, ok := changed[path]
		if !ok {
			original, err := os.ReadFile(path)
			if err != nil {
				return "", err
			}
			text = string(original)
		}
		if n := strings.Count(text, change.old); n != 1 {
			return "", fmt.Errorf("%s has %d times what the bug %q replaces: %q", change.file, n, m.name, change.old)
		}
		changed[path] = strings.Replace(text, change.old, change.new, 1)
	}
	replace := map[string]string{}
	for path, text := range changed {
		replace[path] = filepath.Join(folder, fmt.Sprintf("%d-%s", len(replace), filepath.Base(path)))
		if err := os.WriteFile(replace[path], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	encoded, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(folder, "overlay.json")
	return overlay, os.WriteFile(overlay, encoded, 0o600)
}

func TestPlantedBugsStillFit(t *testing.T) {
	t.Parallel()
	for _, bug := range plantedBugs() {
		if _, err := bug.plant(t.TempDir()); err != nil {
			t.Error(err)
		}
	}
}

// TestPlantedBugsAreCaught builds this test with each bug and runs it until it fails: a test that no bug makes fail
// shows nothing.
func TestPlantedBugsAreCaught(t *testing.T) {
	if os.Getenv(mutantsVariable) == "" {
		t.Skip("make chaos-mutants runs it")
	}
	seeds := setting(t, seedsVariable, 20)
	rows := []string{fmt.Sprintf("%-34s %4s %10s  %s", "planted bug", "seed", "violations", "broken invariants")}
	for _, bug := range plantedBugs() {
		t.Run(bug.name, func(t *testing.T) {
			rows = append(rows, hunt(t, bug, seeds))
		})
	}
	t.Logf("\n%s", strings.Join(rows, "\n"))
}

var broken = regexp.MustCompile(`invariant ([^:]+):`)

// hunt gives the line of the table that tells how a bug was caught.
func hunt(t *testing.T, bug mutant, seeds int) string {
	t.Helper()
	folder := t.TempDir()
	overlay, err := bug.plant(folder)
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(folder, "chaos.test")
	if said, err := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, said)
	}
	for seed := 1; seed <= seeds; seed++ {
		run := exec.Command(binary, "-test.run=^TestMoneyIsSafeWhateverBreaks$", "-test.timeout=5m")
		run.Env = append(os.Environ(), mutantsVariable+"=", fmt.Sprintf("%s=%d", firstVariable, seed), seedsVariable+"=1")
		said, err := run.CombinedOutput()
		if err == nil {
			continue
		}
		caught := broken.FindAllStringSubmatch(string(said), -1)
		if len(caught) == 0 {
			t.Fatalf("it failed for another reason: %v: %s", err, said)
		}
		var names []string
		for _, invariant := range caught {
			names = append(names, invariant[1])
		}
		slices.Sort(names)
		names = slices.Compact(names)
		if slices.Contains(names, invariantNames[bug.proof]) {
			return fmt.Sprintf("%-34s %4d %10d  %s", bug.name, seed, len(caught), strings.Join(names, "; "))
		}
	}
	t.Errorf("no seed of %d caught it (%s)", seeds, bug.why)
	return fmt.Sprintf("%-34s %s", bug.name, "not caught")
}
