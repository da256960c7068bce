package workflows

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// workflow is what matters here of a workflow's file.
type workflow struct {
	Permissions *map[string]string `json:"permissions"`
	Concurrency any                `json:"concurrency"`
	Jobs        map[string]job     `json:"jobs"`
}

type job struct {
	Uses        string            `json:"uses"`
	Timeout     int               `json:"timeout-minutes"`
	Permissions map[string]string `json:"permissions"`
	Environment string            `json:"environment"`
	Steps       []step            `json:"steps"`
}

type step struct {
	Uses string         `json:"uses"`
	Run  string         `json:"run"`
	With map[string]any `json:"with"`
}

// files are the forge's workflows and the one that users are given to copy.
func files(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../.github/workflows/*.y*ml")
	if err != nil || len(found) < 3 {
		t.Fatalf("workflows: %v, %v", found, err)
	}
	return append(found, "../inspector/github-actions.yml")
}

func TestWorkflows(t *testing.T) {
	for _, path := range files(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range faults(t, text) {
				t.Error(fault)
			}
		})
	}
}

// faults tells what is wrong with a workflow.
func faults(t *testing.T, text []byte) []string {
	t.Helper()
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	found := unpinned(string(text))
	if w.Permissions == nil || len(*w.Permissions) > 0 {
		found = append(found, "permissions are not {} at the top")
	}
	if w.Concurrency == nil {
		found = append(found, "runs of the same change do not wait for each other")
	}
	for name, job := range w.Jobs {
		for _, fault := range job.faults() {
			found = append(found, name+": "+fault)
		}
	}
	return found
}

func (j job) faults() []string {
	var found []string
	if j.Timeout == 0 && j.Uses == "" {
		found = append(found, "it has no timeout-minutes")
	}
	if len(j.Permissions) == 0 {
		found = append(found, "it does not say its permissions")
	}
	for scope, right := range j.Permissions {
		if right == "write" && j.Environment != "release" && j.Uses == "" {
			found = append(found, fmt.Sprintf("it may write %s outside of the environment release", scope))
		}
	}
	ran := false
	for _, s := range j.Steps {
		ran = ran || strings.Contains(s.Run, "deploy/check-image.sh ")
		if pushes.MatchString(s.Run) && !ran {
			found = append(found, "an image is pushed that was not run")
		}
		if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != false {
			found = append(found, "a checkout leaves its token behind")
		}
		if strings.Contains(s.Run, "${{") {
			found = append(found, "an expression is pasted into a script: hand it over in env")
		}
	}
	return found
}

// pushes are command lines that push an image.
var pushes = regexp.MustCompile(`--push\b|\bdocker push\b`)

// pin is an action by its commit, with the version that it had.
var pin = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// uses are the actions that a workflow names, with what stands behind them on the line.
func uses(text string) []string {
	var found []string
	for _, match := range regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*(.+?)\s*$`).FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

func unpinned(text string) []string {
	var found []string
	for _, action := range uses(text) {
		if !strings.HasPrefix(action, "./") && !pin.MatchString(action) {
			found = append(found, action+" is not pinned by a commit and its version")
		}
	}
	return found
}

// TestOnePinForEachAction finds an action that was raised in one workflow and not in another.
func TestOnePinForEachAction(t *testing.T) {
	pins := map[string]string{}
	for _, path := range files(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range uses(string(text)) {
			name, commit, _ := strings.Cut(action, "@")
			if known, ok := pins[name]; ok && known != commit {
				t.Errorf("%s: %s is at %s elsewhere", path, action, known)
			}
			pins[name] = commit
		}
	}
	if len(pins) < 5 {
		t.Errorf("actions: %v", pins)
	}
}

// TestFaultsAreFound plants one of each.
func TestFaultsAreFound(t *testing.T) {
	const good = `
permissions: {}
concurrency: {group: x}
jobs:
  a:
    timeout-minutes: 1
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v1.2.3
        with:
          persist-credentials: false
      - run: make test
`
	if found := faults(t, []byte(good)); len(found) > 0 {
		t.Errorf("a good one: %q", found)
	}
	for _, plant := range []struct{ old, new, says string }{
		{"@0123456789012345678901234567890123456789 # v1.2.3", "@v4", "not pinned"},
		{" # v1.2.3", "", "not pinned"},
		{" # v1.2.3", " # v1", "not pinned"},
		{"permissions: {}", "", "permissions are not {}"},
		{"permissions: {}", "permissions: {contents: write}", "permissions are not {}"},
		{"concurrency: {group: x}", "", "do not wait"},
		{"timeout-minutes: 1", "", "timeout"},
		{"contents: read", "contents: write", "outside of the environment"},
		{"    permissions:\n      contents: read\n", "", "does not say its permissions"},
		{"persist-credentials: false", "fetch-depth: 1", "leaves its token"},
		{"make test", "echo ${{ github.ref }}", "pasted"},
		{"make test", "docker buildx build --push .", "not run"},
		{"make test", "docker push x:1", "not run"},
	} {
		bad := strings.Replace(good, plant.old, plant.new, 1)
		if found := faults(t, []byte(bad)); !slices.ContainsFunc(found, func(fault string) bool { return strings.Contains(fault, plant.says) }) {
			t.Errorf("%q in place of %q: %q", plant.new, plant.old, found)
		}
	}
}

// TestOnlyPublishersProveWhoTheyAre keeps the right to act in the repository's name to the jobs that publish.
func TestOnlyPublishersProveWhoTheyAre(t *testing.T) {
	var holders []string
	for _, path := range files(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatal(err)
		}
		for name, job := range w.Jobs {
			if job.Permissions["id-token"] == "write" {
				holders = append(holders, filepath.Base(path)+" "+name)
			}
		}
	}
	slices.Sort(holders)
	want := []string{"image.yml push", "release.yml image", "release.yml publish", "release.yml registry"}
	if !slices.Equal(holders, want) {
		t.Errorf("%q", holders)
	}
}
