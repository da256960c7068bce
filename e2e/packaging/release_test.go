package packaging

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// release is what the tests need of .goreleaser.yaml.
type release struct {
	Builds []struct {
		Goos, Goarch, Flags, Env, Ldflags []string
	}
	SBOMs []struct{ Cmd string } `json:"sboms"`
	NFPMs []struct {
		Scripts  map[string]string
		Contents []struct{ Src, Dst string }
	} `json:"nfpms"`
	Casks []struct {
		Manpages    []string
		Completions map[string]string
	} `json:"homebrew_casks"`
}

func readRelease(t *testing.T) release {
	t.Helper()
	var r release
	if err := yaml.Unmarshal([]byte(read(t, "../../.goreleaser.yaml")), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Builds) != 1 || len(r.SBOMs) != 1 || len(r.NFPMs) != 1 || len(r.Casks) != 1 {
		t.Fatalf("%+v", r)
	}
	return r
}

// variable gives what the Makefile assigns.
func variable(t *testing.T, name string) string {
	t.Helper()
	for line := range strings.Lines(read(t, "../../Makefile")) {
		if value, ok := strings.CutPrefix(line, name+" := "); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("the Makefile has no %s", name)
	return ""
}

// TestReleasesAreBuiltAsTheMakefileDoes compares flags and the versions of tools.
func TestReleasesAreBuiltAsTheMakefileDoes(t *testing.T) {
	r := readRelease(t)
	want := strings.ReplaceAll(variable(t, "LDFLAGS"), "$(VERSION)", "v{{ .Version }}")
	if got := r.Builds[0].Ldflags; len(got) != 1 || got[0] != want {
		t.Errorf("releases are linked with %q, the Makefile's with %q", got, want)
	}
	if !slices.Contains(r.Builds[0].Flags, "-trimpath") || !slices.Contains(r.Builds[0].Env, "CGO_ENABLED=0") {
		t.Errorf("releases are built with %v, %v", r.Builds[0].Flags, r.Builds[0].Env)
	}
	if want := "../.tools/cyclonedx-gomod-" + variable(t, "CYCLONEDX_VERSION"); r.SBOMs[0].Cmd != want {
		t.Errorf("bills of materials are written by %s, not %s", r.SBOMs[0].Cmd, want)
	}
}

// TestCaskAndPackagesNameWhatIsGenerated compares with what the generator writes.
func TestCaskAndPackagesNameWhatIsGenerated(t *testing.T) {
	r, folder := readRelease(t), generated(t)
	var pages []string
	for _, path := range find(t, filepath.Join(folder, "man", "*.1")) {
		pages = append(pages, "man/"+filepath.Base(path))
	}
	slices.Sort(pages)
	if !slices.Equal(slices.Sorted(slices.Values(r.Casks[0].Manpages)), pages) {
		t.Errorf("the cask installs %v, there are %v", r.Casks[0].Manpages, pages)
	}
	for shell, path := range r.Casks[0].Completions {
		if _, err := os.Stat(filepath.Join(folder, path)); err != nil {
			t.Errorf("the cask completes in %s by %s: %v", shell, path, err)
		}
	}
	for _, content := range r.NFPMs[0].Contents {
		if content.Src == "" {
			continue // a folder
		}
		if path, ok := strings.CutPrefix(content.Src, "bin/packaging/"); ok {
			find(t, filepath.Join(folder, path))
		} else {
			find(t, filepath.Join("../..", content.Src))
		}
	}
	if len(r.NFPMs[0].Scripts) > 0 {
		t.Errorf("installing runs %v", r.NFPMs[0].Scripts)
	}
}
