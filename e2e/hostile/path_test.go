package hostile

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// outsideSecret is in the files that must not be read.
const outsideSecret = "outside-of-every-root"

// trap fills a folder with what must not be uploaded, and gives the paths that ask for it.
func trap(t *testing.T) (folder string, paths []string) {
	t.Helper()
	folder = t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside.txt")
	write := func(path string) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(outsideSecret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{outside, filepath.Join(folder, ".env"), filepath.Join(folder, ".ssh", "config"), filepath.Join(folder, "id_rsa"),
		filepath.Join(folder, "server.key"), filepath.Join(folder, "cert.PEM"), filepath.Join(folder, "data", "plain.txt")} {
		write(path)
	}
	for link, target := range map[string]string{"absolute.txt": outside, "relative.txt": "../" + filepath.Base(filepath.Dir(outside)) + "/outside.txt",
		"proc": "/proc/self/environ", "inner.txt": ".env", "folder": filepath.Dir(outside), "loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(folder, ".env"), filepath.Join(folder, "hard.txt")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe.txt"), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, []string{
		"absolute.txt", "relative.txt", "proc", "inner.txt", "hard.txt", "pipe.txt", "loop", "folder/outside.txt", ".", "..", "data", ".env", "./.env",
		"data/../.env", ".ssh/config", "id_rsa", "server.key", "cert.PEM", outside, "../" + filepath.Base(outside), "/etc/passwd", "/proc/self/environ",
		"/dev/zero", "/dev/stdin", "data/plain.txt/..", "data/plain.txt/x", "data\\plain.txt\x00", "file://" + outside, "~/.ssh/id_rsa",
	}
}

func uploadPaths(t *testing.T, platform *gateway) string {
	folder, paths := trap(t)
	w := dial(t, overStdio, offering(platform, "--upload-root", folder))
	before := platform.count("POST /api/content")
	for _, path := range paths {
		encoded, err := json.Marshal(path)
		if err != nil {
			t.Fatal(err)
		}
		if out := do(t, w, "upload_content", fmt.Sprintf(`{"path":%s}`, encoded)).outcome(t); !out.IsError {
			t.Errorf("%q is uploaded: %v", path, out.StructuredContent)
		}
	}
	if sent := platform.count("POST /api/content") - before; sent != 0 || strings.Contains(platform.seen(), outsideSecret) {
		t.Errorf("%d uploads are sent", sent)
	}
	tried, stolen := swap(t, platform, w, folder)
	if stolen > 0 {
		t.Errorf("%d of %d uploads read the file that a link was swapped in for", stolen, tried)
	}
	return fmt.Sprintf("%d paths refused, %d uploads while a link is swapped in: %d stolen", len(paths), tried, stolen)
}

// swap uploads a file while it is replaced by a link to one outside, again and again.
func swap(t *testing.T, platform *gateway, w wire, folder string) (tried, stolen int) {
	t.Helper()
	const times = 500
	path, outside := filepath.Join(folder, "swapped.txt"), filepath.Join(folder, ".env")
	var stop atomic.Bool
	var swapping sync.WaitGroup
	swapping.Go(func() {
		for i := 0; !stop.Load(); i++ {
			next := filepath.Join(folder, "next")
			_ = os.Remove(next)
			if i%2 == 0 {
				_ = os.WriteFile(next, []byte("harmless"), 0o600)
			} else {
				_ = os.Symlink(outside, next)
			}
			_ = os.Rename(next, path)
		}
	})
	for range times {
		tried++
		do(t, w, "upload_content", `{"path":"swapped.txt"}`) // may work or not
	}
	stop.Store(true)
	swapping.Wait()
	return tried, strings.Count(platform.seen(), outsideSecret)
}

// fileNames uploads under names that would end a header or begin a part, and reads what the platform is sent as strictly
// as can be.
func fileNames(t *testing.T, platform *gateway) string {
	var mu sync.Mutex
	var faults []string
	parts := 0
	forward := platform.forward
	defer func() { platform.forward = forward }()
	platform.forward = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/api/content") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			mu.Lock()
			defer mu.Unlock()
			n, fault := readStrictly(r.Header.Get("Content-Type"), string(body))
			parts += n
			if fault != "" {
				faults = append(faults, fault)
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		forward.ServeHTTP(w, r)
	})
	w := dial(t, overStdio, offering(platform))
	names := []string{
		"a\r\nX-Evil: 1.txt", "a\nX-Evil: 1", "a\r\n\r\nbody", "a\"; name=\"visibility", "a\";x=\"", "a\\\"b", "a%0d%0aX-Evil: 1", "a\r\n--boundary\r\n", "a;b", "a\tb",
		"é.txt", "名前.txt", "a\u202etxt.exe", "=?utf-8?q?a?=", "UTF-8''a", "a'b", "a`b", "$(id)", "a|b", "a*b", "a?b", "a<b>", "con", "a ", " a", "a.", strings.Repeat("a", 255),
	}
	for _, name := range names {
		encoded, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		do(t, w, "upload_content", fmt.Sprintf(`{"filename":%s,"text":"harmless"}`, encoded)) // may be refused
	}
	mu.Lock()
	defer mu.Unlock()
	for _, fault := range faults {
		t.Error(fault)
	}
	if parts == 0 {
		t.Error("nothing was uploaded")
	}
	return fmt.Sprintf("%d names, %d uploads, all of one file", len(names), parts)
}

// readStrictly reads a form: it must hold one file, and parts with the headers that forms have.
func readStrictly(contentType, body string) (files int, fault string) {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return 0, "the upload is no form: " + contentType
	}
	reader := multipart.NewReader(strings.NewReader(body), parameters["boundary"])
	for {
		part, err := reader.NextRawPart()
		if err != nil {
			break
		}
		for header := range part.Header {
			if header != "Content-Disposition" && header != "Content-Type" {
				fault = fmt.Sprintf("a part has the header %q: %q", header, part.Header)
			}
		}
		if part.FileName() != "" {
			files++
		}
	}
	if files != 1 {
		fault = fmt.Sprintf("the form holds %d files: %q", files, shortened(body))
	}
	return files, fault
}

// pathsInIDs asks for things by ids that are paths. The platform must see no other route than theirs.
func pathsInIDs(t *testing.T, platform *gateway) string {
	w := dial(t, overStdio, offering(platform))
	ids := []string{
		"..", ".", "../user", "..%2fuser", "%2e%2e", "%2e%2e/user", "a/b", "a/../b", "a\\b", "a?x=1", "a#b", "a;b", "a%00", "a\x00b", "a b", "", "/", "//evil.example",
		"http://evil.example", "a\r\nX-Evil: 1", "a\tb", "％2e", "．．", "a%", "%", "%zz", "..;/user", "user/..", strings.Repeat("a", 5000), "-", "_", "~", "@", "a:b", "\u202e", "é",
	}
	before := len(strings.Split(platform.seen(), "\n"))
	asked := 0
	for _, id := range ids {
		encoded, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		for tool, argument := range map[string]string{"get_agent": "agent", "list_agent_intents": "agent", "find_similar_agents": "agent", "read_content": "content"} {
			asked++
			if out := do(t, w, tool, fmt.Sprintf(`{%q:%s}`, argument, encoded)).outcome(t); !out.IsError {
				t.Errorf("%s takes %q: %v", tool, id, out.StructuredContent)
			}
		}
	}
	allowed := []string{"GET /api/agents", "POST /api/agents/", "GET /api/content", "POST /api/discovery", "GET /api/intents", "POST /api/intents", "GET /api/discovery"}
	for _, request := range strings.Split(platform.seen(), "\n")[before:] {
		known := false
		for _, prefix := range allowed {
			known = known || strings.HasPrefix(request, prefix)
		}
		address, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(request, "GET "), "POST "), " ")
		path, _, _ := strings.Cut(address, "?")
		if !known || strings.Contains(path, "..") || strings.Contains(path, "%2e") || strings.Contains(path, "//") || strings.Contains(path, "\\") {
			t.Errorf("the platform is asked for %q", shortened(request))
		}
	}
	return fmt.Sprintf("%d calls with %d ids, 0 escapes", asked, len(ids))
}
