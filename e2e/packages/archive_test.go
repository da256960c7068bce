package packages

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// packed is a file of an archive.
type packed struct {
	content []byte
	mode    fs.FileMode
}

func archiveOf(t *testing.T, platform string) string {
	t.Helper()
	if strings.HasPrefix(platform, "windows") {
		return find(t, "robutler-mcp_*_"+platform+".zip")
	}
	return find(t, "robutler-mcp_*_"+platform+".tar.gz")
}

// unpack gives the files of an archive by their names.
func unpack(t *testing.T, path string) map[string]packed {
	t.Helper()
	if strings.HasSuffix(path, ".zip") {
		return unzip(t, path)
	}
	uncompressed, err := gzip.NewReader(bytes.NewReader(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]packed{}
	for reader := tar.NewReader(uncompressed); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg || header.Uname != "root" || header.Gname != "root" || header.Uid != 0 || header.Gid != 0 {
			t.Errorf("%s is a %q of %s:%s (%d:%d)", header.Name, header.Typeflag, header.Uname, header.Gname, header.Uid, header.Gid)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = packed{content, header.FileInfo().Mode()}
	}
}

func unzip(t *testing.T, path string) map[string]packed {
	t.Helper()
	content := read(t, path)
	reader, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]packed{}
	for _, file := range reader.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		files[file.Name] = packed{content, file.Mode()}
	}
	return files
}

// TestArchives checks what is in every archive: the same everywhere, and nothing that an unpacker would stumble over.
func TestArchives(t *testing.T) {
	for _, platform := range platforms() {
		t.Run(platform, func(t *testing.T) {
			files := unpack(t, archiveOf(t, platform))
			binary := "robutler-mcp"
			if strings.HasPrefix(platform, "windows") {
				binary += ".exe"
			}
			for _, name := range append(completions(), binary, "LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md", "docs/tools.md",
				"docs/screenshots/call-and-result.png", "man/robutler-mcp.1", "man/robutler-mcp-http.1") {
				if len(files[name].content) == 0 {
					t.Errorf("%s is missing; there are %v", name, slices.Sorted(maps.Keys(files)))
				}
			}
			for name, file := range files {
				want := fs.FileMode(0o644)
				if name == binary {
					want = 0o755
				}
				if file.mode != want || !filepath.IsLocal(name) {
					t.Errorf("%s has the mode %s", name, file.mode)
				}
			}
		})
	}
}

func completions() []string {
	return []string{
		"completions/robutler-mcp.bash", "completions/robutler-mcp.zsh", "completions/robutler-mcp.fish", "completions/robutler-mcp.ps1",
	}
}

// TestArchiveOfThisPlatformStarts unpacks it with the system's own program.
func TestArchiveOfThisPlatformStarts(t *testing.T) {
	folder := t.TempDir()
	run(t, "tar", "-xzf", archiveOf(t, runtime.GOOS+"_"+runtime.GOARCH), "-C", folder)
	start(t, filepath.Join(folder, "robutler-mcp"))
}
