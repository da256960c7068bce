package packages

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// checkInstalled checks what a package put below a root, starts the program there when it is for this processor, and
// reads a manual page.
func checkInstalled(t *testing.T, root, processor string, places []string) {
	t.Helper()
	for _, place := range append(places, "usr/bin/robutler-mcp", "usr/share/man/man1/robutler-mcp.1.gz",
		"usr/share/bash-completion/completions/robutler-mcp", "usr/share/fish/vendor_completions.d/robutler-mcp.fish",
		"usr/share/doc/robutler-mcp/README.md", "usr/share/doc/robutler-mcp/docs/tools.md",
		"usr/share/doc/robutler-mcp/SECURITY.md", "usr/share/doc/robutler-mcp/docs/screenshots/call-and-result.png") {
		info, err := os.Stat(filepath.Join(root, place))
		if err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", place, err)
		}
	}
	if processor == runtime.GOARCH {
		start(t, filepath.Join(root, "usr/bin/robutler-mcp"))
	}
	page := run(t, "man", "-l", filepath.Join(root, "usr/share/man/man1/robutler-mcp-call.1.gz"))
	if !strings.Contains(page, "Call one tool and print its result") {
		t.Errorf("man shows %s", page)
	}
}

// remains gives the files below a root, and the folders that are the package's alone, except for what package managers
// themselves keep.
func remains(t *testing.T, root string, kept ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		if entry.IsDir() && slices.Contains(kept, name) {
			return fs.SkipDir
		}
		if !entry.IsDir() || strings.Contains(name, "robutler-mcp") {
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// modes checks each line of a listing that begins with permissions: no more rights than needed, and of root's.
func modes(t *testing.T, listing string) {
	t.Helper()
	files := 0
	for line := range strings.Lines(listing) {
		want := "-rw-r--r--"
		switch {
		case strings.HasPrefix(line, "d"):
			want = "drwxr-xr-x"
		case strings.HasSuffix(line, "/usr/bin/robutler-mcp\n"):
			want = "-rwxr-xr-x"
		}
		owner := strings.Join(strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '/' })[1:4], " ")
		if files++; !strings.HasPrefix(line, want) || !strings.Contains(owner, "root") {
			t.Errorf("not %s of root's: %s", want, line)
		}
	}
	if files < 15 {
		t.Errorf("%d files", files)
	}
}

// TestDeb installs each package into a root of its own and purges it.
func TestDeb(t *testing.T) {
	for _, processor := range []string{"amd64", "arm64"} {
		t.Run(processor, func(t *testing.T) {
			file, root := find(t, "robutler-mcp_*_"+processor+".deb"), t.TempDir()
			for _, folder := range []string{"info", "updates", "triggers"} {
				if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			fields := strings.Fields(run(t, "dpkg-deb", "--showformat", "${Package} ${Architecture} ${Section} ${Priority} ${Recommends}", "-W", file))
			if !slices.Equal(fields, []string{"robutler-mcp", processor, "net", "optional", "ca-certificates"}) {
				t.Errorf("fields: %v", fields)
			}
			if want := strings.Replace(metadata(t).Version, "-", "~", 1); run(t, "dpkg-deb", "--showformat", "${Version}", "-W", file) != want {
				t.Errorf("the version is not %s", want)
			}
			modes(t, run(t, "dpkg-deb", "-c", file))
			dpkg := func(arguments ...string) string {
				return run(t, "dpkg", append([]string{
					"--root=" + root, "--log=/dev/null", "--force-script-chrootless",
				}, arguments...)...)
			}
			dpkg("--add-architecture", processor)
			dpkg("--install", file)
			if problems := dpkg("--verify", "robutler-mcp"); problems != "" {
				t.Errorf("not what was packed: %s", problems)
			}
			if scripts, err := filepath.Glob(filepath.Join(root, "var/lib/dpkg/info/*.*inst")); err != nil || len(scripts) > 0 {
				t.Errorf("scripts: %v, %v", scripts, err)
			}
			checkInstalled(t, root, processor, []string{"usr/share/zsh/vendor-completions/_robutler-mcp", "usr/share/doc/robutler-mcp/copyright"})
			dpkg("--purge", "robutler-mcp")
			if left := remains(t, root, "var/lib/dpkg"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestRPM installs each package into a root of its own and erases it.
func TestRPM(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("rpm installs into another root only as root")
	}
	for name, processor := range map[string]string{"x86_64": "amd64", "aarch64": "arm64"} {
		t.Run(processor, func(t *testing.T) {
			file, root := find(t, "robutler-mcp-*."+name+".rpm"), t.TempDir()
			query := func(format string) string { return run(t, "rpm", "-qp", "--nosignature", "--qf", format, file) }
			if got := query("%{NAME} %{ARCH} %{LICENSE} %{VENDOR} %{BUILDHOST}"); got != "robutler-mcp "+name+" MIT robutler-mcp authors localhost" {
				t.Errorf("fields: %s", got)
			}
			if version, _, _ := strings.Cut(metadata(t).Version, "-"); !strings.HasPrefix(query("%{VERSION}"), version) {
				t.Errorf("the version is %s", query("%{VERSION}"))
			}
			if scripts := run(t, "rpm", "-qp", "--nosignature", "--scripts", file); scripts != "" {
				t.Errorf("scripts: %s", scripts)
			}
			modes(t, run(t, "rpm", "-qplv", "--nosignature", file))
			rpm := func(arguments ...string) {
				t.Helper()
				command := exec.CommandContext(t.Context(), "rpm", append([]string{"--root", root, "--dbpath", "/var/lib/rpm"}, arguments...)...)
				if output, err := command.CombinedOutput(); err != nil { // Debian's says that one should not use it
					t.Errorf("rpm %v: %v: %s", arguments, err, output)
				}
			}
			rpm("--install", "--nosignature", "--ignorearch", file)
			rpm("--verify", "robutler-mcp")
			checkInstalled(t, root, processor, []string{"usr/share/zsh/site-functions/_robutler-mcp", "usr/share/licenses/robutler-mcp/LICENSE"})
			rpm("--erase", "robutler-mcp")
			if left := remains(t, root, "var/lib/rpm"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
