package sandbox

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestUploadAndDownload(t *testing.T) {
	t.Parallel()
	p := open(t, Options{MaxUploadBytes: 1000})
	for _, target := range []string{"/api/content", "/api/content/upload"} {
		got := uploadFile(t, p, p.UserKey(), target, "../../etc/notes.txt", "hello", map[string]string{
			"visibility": "public", "tags": `["a","b"]`, "description": "d",
		})
		file, ok := got.body["file"].(map[string]any)
		if got.status != 200 || !ok || file["id"] != got.body["id"] || got.body["fileName"] != "notes.txt" || got.body["size"] != 5.0 {
			t.Fatalf("%s: %d %s", target, got.status, got.raw)
		}
		read := send(t, p, "", http.MethodGet, fmt.Sprint(got.body["url"]), "", "")
		if string(read.raw) != "hello" || !strings.HasPrefix(read.header.Get("Content-Disposition"), "attachment") ||
			read.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("download: %v %s", read.header, read.raw)
		}
		if tagged := rows(t, get(t, p, "/api/content?tags=a,b&visibility=public"), "files"); len(tagged) == 0 || tagged[0]["id"] != got.body["id"] {
			t.Errorf("by tags: %v", tagged)
		}
		if none := rows(t, get(t, p, "/api/content?tags=a&tags=zz"), "files"); len(none) != 0 {
			t.Errorf("by other tags: %v", none)
		}
		if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/content/"+fmt.Sprint(got.body["id"]), "", ""); gone.status != 200 {
			t.Errorf("delete: %s", gone.raw)
		}
	}
	before := len(storedFiles(t, p))
	for name, got := range map[string]answer{
		"too large":      uploadFile(t, p, p.UserKey(), "/api/content", "big", strings.Repeat("x", 1001), nil),
		"bad visibility": uploadFile(t, p, p.UserKey(), "/api/content", "a", "x", map[string]string{"visibility": "loud"}),
		"bad tags":       uploadFile(t, p, p.UserKey(), "/api/content", "a", "x", map[string]string{"tags": "a,b"}),
		"no name":        uploadFile(t, p, p.UserKey(), "/api/content", "..", "x", nil),
		"cut short":      send(t, p, p.UserKey(), "POST", "/api/content", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf"),
	} {
		want := http.StatusBadRequest
		if name == "too large" {
			want = http.StatusRequestEntityTooLarge
		}
		if got.status != want {
			t.Errorf("%s: %d %s", name, got.status, got.raw)
		}
	}
	if after := len(storedFiles(t, p)); after != before {
		t.Errorf("refused uploads left %d files", after-before)
	}
}

func storedFiles(t *testing.T, p *Platform) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(p.files.Name())
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestBaseName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.txt": "a.txt", "../../a.txt": "a.txt", `C:\\x\\a.txt`: "a.txt", "..": "", ".": "", "/": "", "": "", "a\x01\u202eb": "ab", "\xffa": "a",
		strings.Repeat("\u00e4", 200): strings.Repeat("\u00e4", 127),
	} {
		if got := baseName(name); got != want {
			t.Errorf("baseName(%q) = %q, want %q", name, got, want)
		}
	}
}
