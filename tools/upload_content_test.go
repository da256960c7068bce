package tools_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

func TestUploads(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "data", "table.csv"), "a,b\n1,2\n")
	write(t, filepath.Join(folder, "server.key"), "secret")
	write(t, filepath.Join(folder, ".env"), "secret")
	outside := filepath.Join(t.TempDir(), "outside.txt")
	write(t, outside, "outside")
	for link, target := range map[string]string{"link.txt": outside, "inner.txt": ".env", "folder": "data"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(folder, ".env"), filepath.Join(folder, "hard.txt")); err != nil {
		t.Fatal(err)
	}
	s := newStage(t, folder)

	for arguments, want := range map[string]string{
		`{"filename":"a.txt","text":"h\u00e9llo"}`: `"a.txt" 6 "text/plain; charset=utf-8" "private"`,
		`{"filename":"empty.md","text":""}`:        `"empty.md" 0 "text/markdown; charset=utf-8" "private"`,
		`{"filename":"b.bin","base64":"` + base64.StdEncoding.EncodeToString([]byte("\x00\x01\x02")) + `","visibility":"PUBLIC"}`: `"b.bin" 3 "application/octet-stream" "public"`,
		`{"filename":"c","base64":"iVBORw0KGgo"}`: `"c" 8 "image/png" "private"`,
		`{"path":"data/table.csv"}`:               `"table.csv" 8 "text/csv; charset=utf-8" "private"`,
		encode(t, map[string]string{"path": filepath.Join(folder, "data", "table.csv"), "filename": "x"}): `"x" 8 "text/plain; charset=utf-8" "private"`,
	} {
		file := mustCall(t, s, "upload_content", arguments)["file"].(map[string]any)
		got := encode(t, file["name"]) + " " + encode(t, file["size_bytes"]) + " " + encode(t, file["content_type"]) + " " + encode(t, file["visibility"])
		if got != want {
			t.Errorf("%s: %s, want %s", arguments, got, want)
		}
	}

	before := len(s.requests())
	for _, path := range []string{
		"link.txt", "inner.txt", "hard.txt", "folder/table.csv", ".", "../outside.txt", outside, "/etc/passwd", "server.key", ".env", "data/../.env", "data", "nothing.txt", "data/table.csv/x", "\x00",
	} {
		_, err := s.call(t, "upload_content", encode(t, map[string]string{"path": path}))
		if explained := tools.Explain(err); err == nil || explained.Code != tools.CodeInvalidArgument || explained.NextStep == "" || strings.Contains(explained.Message, folder) {
			t.Errorf("path %q: %v", path, err)
		}
	}
	for arguments, want := range map[string]string{
		`{"filename":"a"}`:                       "one of text, base64 and path must give the file",
		`{"filename":"a","text":"x","path":"y"}`: "only one of text, base64 and path",
		`{"text":"x"}`:                           `"filename" is required with text and base64`,
		`{"path":""}`:                            `1 problem with the arguments: "path" must not be empty`,
		`{}`:                                     "1 problem with the arguments: one of text, base64 and path must give the file",
		`{"filename":"a/b","text":"x"}`:          `"filename" must be a file's name without a folder`,
		`{"filename":"a","base64":"%%%"}`:        `"base64" is not valid base64`,
		`{"filename":"a","text":"x","visibility":""}`: "",
	} {
		_, err := s.call(t, "upload_content", arguments)
		if (want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", arguments, err, want)
		}
	}
	if after := len(s.requests()); after != before+1 {
		t.Errorf("refused uploads asked the platform: %v", s.requests()[before:])
	}
	if _, err := newStage(t).call(t, "upload_content", `{"path":"a"}`); err == nil || !strings.Contains(tools.Explain(err).NextStep, "--upload-root") {
		t.Errorf("without roots: %v", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
