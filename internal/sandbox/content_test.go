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
	for name, path := range map[string]string{"in memory": MemoryDatabase, "in a folder": database(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testUploadAndDownload(t, open(t, Options{Database: path, MaxUploadBytes: 1000}))
		})
	}
}

func testUploadAndDownload(t *testing.T, p *Platform) {
	t.Helper()
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
	before := storedFiles(t, p)
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
	if after := storedFiles(t, p); after != before {
		t.Errorf("refused uploads left %d files", after-before)
	}
}

// storedFiles counts what either kind of store keeps.
func storedFiles(t *testing.T, p *Platform) int {
	t.Helper()
	switch files := p.files.(type) {
	case *memoryFiles:
		used := 0
		for _, data := range files.held {
			used += len(data)
		}
		if int64(used) != files.used {
			t.Errorf("%d bytes are kept, and %d counted", used, files.used)
		}
		return len(files.held)
	case folderFiles:
		entries, err := os.ReadDir(files.root.Name())
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	default:
		t.Fatalf("unknown store %T", files)
		return 0
	}
}

// TestFilesInMemoryLeaveNothingBehind looks for folders of a platform that is never closed.
func TestFilesInMemoryLeaveNothingBehind(t *testing.T) {
	temporary := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temporary)
	}
	p := open(t, Options{})
	if got := uploadFile(t, p, p.UserKey(), "/api/content/upload", "a.txt", "hello", nil); got.status != 200 {
		t.Fatal(string(got.raw))
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMemoryForFilesIsBounded(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	files, ok := p.files.(*memoryFiles)
	if !ok {
		t.Fatalf("%T", p.files)
	}
	files.most = files.used + 1000
	before := storedFiles(t, p)
	id := ""
	for i, status := range []int{200, 507, 200} {
		got := uploadFile(t, p, p.UserKey(), "/api/content/upload", "a.txt", strings.Repeat("x", 600), nil)
		if got.status != status {
			t.Fatalf("upload %d: %d %s", i, got.status, got.raw)
		}
		if i == 0 {
			id = fmt.Sprint(got.body["id"])
		}
		if i == 1 {
			if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/content/"+id, "", ""); gone.status != 200 {
				t.Errorf("delete: %s", gone.raw)
			}
		}
	}
	if after := storedFiles(t, p); after != before+1 {
		t.Errorf("%d files", after-before)
	}
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
