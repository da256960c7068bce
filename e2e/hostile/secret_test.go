package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// secretsStayIn plants secrets where careless servers pick them up, and looks for them in all that comes out.
func secretsStayIn(t *testing.T, platform *gateway) string {
	const canary = "sk_live_canary_of_an_argument"
	looked := 0
	for _, over := range everywhere() {
		w := dial(t, over, offering(platform, "--log-level", "debug"))
		var said strings.Builder
		for _, message := range []string{
			call(w, "#", "get_agent", `{"agent":"`+platform.key+`"}`), call(w, "#", platform.key, `{}`), w.encode("#", platform.key, `{}`),
			call(w, "#", "get_credits", `{"api_key":"`+platform.key+`"}`), call(w, "#", "redeem_payment_token", `{"token":"`+platform.key+`","amount_usd":"x"}`),
		} {
			id := fresh()
			answer := ask(t, w, strings.Replace(message, "#", id, 1), id)
			looked++
			if strings.Contains(answer.raw, platform.key) {
				t.Errorf("%s: the key is shown: %s", over, answer.raw)
			}
		}
		do(t, w, "search_agents", `{"query":"`+canary+`"}`)
		for name, example := range readingTools(t) {
			said.WriteString(do(t, w, name, example).raw)
			looked++
		}
		_ = w.host().command.Process.Kill()
		<-w.host().ended
		said.WriteString(w.host().stderr.String())
		if strings.Contains(said.String(), platform.key) {
			t.Errorf("%s: the key is shown", over)
		}
		if strings.Contains(w.host().stderr.String(), canary) {
			t.Errorf("%s: what looks like a key is logged", over)
		}
	}
	return fmt.Sprintf("%d answers and all logs, 0 hits", looked)
}

// twoBuilds builds the program from two copies of the source, and verifies the modules.
func twoBuilds(t *testing.T) string {
	var built [][]byte
	for _, name := range []string{"first", "second"} {
		folder := filepath.Join(t.TempDir(), name)
		if err := os.CopyFS(filepath.Join(folder, "source"), sourceOf(t)); err != nil {
			t.Fatal(err)
		}
		binary := filepath.Join(folder, "robutler-mcp")
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", binary, ".")
		build.Dir = filepath.Join(folder, "source")
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		if printed, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, printed)
		}
		text, err := os.ReadFile(binary)
		if err != nil {
			t.Fatal(err)
		}
		built = append(built, text)
	}
	if !bytes.Equal(built[0], built[1]) {
		t.Error("two builds differ")
	}
	verify := exec.Command("go", "mod", "verify")
	verify.Dir = filepath.Join("..", "..")
	if printed, err := verify.CombinedOutput(); err != nil {
		t.Errorf("go mod verify: %v\n%s", err, printed)
	}
	return fmt.Sprintf("%d bytes, equal", len(built[0]))
}

// secretsOnDisk looks for the key where other users of a machine could.
func secretsOnDisk(t *testing.T, platform *gateway) string {
	w := dial(t, overStdio, offering(platform))
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", w.host().command.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(line, []byte(platform.key)) || bytes.Contains(line, []byte("rok_")) {
		t.Error("the key is on the command line")
	}
	agreed(t, w)
	open := 0
	err = filepath.WalkDir(w.host().home, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil || path == w.host().home {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			open++
			t.Errorf("%s can be read by others: %s", path, info.Mode())
		}
		text, err := os.ReadFile(path)
		if err == nil && bytes.Contains(text, []byte(platform.key)) {
			t.Errorf("%s holds the key", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("rok_canary_on_disk"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	status, said := exits(t, settings{}, "call", "get_credits", "--api-key-file", key)
	if status == 0 || !strings.Contains(said, "chmod 600") || strings.Contains(said, "rok_canary") {
		t.Errorf("a key file that all may read: status %d: %s", status, said)
	}
	return fmt.Sprintf("0 in the command line, %d files open to others, 0644 refused", open)
}

// auditTampered changes the audit trail of a server in one place after another, and lets the program check it.
func auditTampered(t *testing.T, platform *gateway) string {
	w := dial(t, overStdio, offering(platform))
	for range 3 {
		do(t, w, "redeem_payment_token", agreed(t, w)).good(t)
	}
	w.leave()
	<-w.host().ended
	var trail string
	err := filepath.WalkDir(w.host().home, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(path, "audit") && strings.HasSuffix(path, ".jsonl") {
			trail = path
		}
		return err
	})
	if err != nil || trail == "" {
		t.Fatalf("there is no audit trail: %v", err)
	}
	whole, err := os.ReadFile(trail)
	if err != nil {
		t.Fatal(err)
	}
	home := settings{home: w.host().home}
	if status, said := exits(t, home, "journal", "verify"); status != 0 {
		t.Fatalf("a whole trail is refused: %s", said)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	changes := map[string][]byte{
		"a time":       bytes.Replace(whole, []byte(`"20`), []byte(`"21`), 1),
		"a name":       bytes.Replace(whole, []byte("redeem"), []byte("reDeem"), 1),
		"a line less":  bytes.Join(append(append([][]byte{}, lines[:1]...), lines[2:]...), nil),
		"two swapped":  bytes.Join(append([][]byte{lines[1], lines[0]}, lines[2:]...), nil),
		"a line twice": bytes.Join(append([][]byte{lines[0], lines[0]}, lines[1:]...), nil),
	}
	for what, changed := range changes {
		if bytes.Equal(changed, whole) {
			t.Errorf("%s: nothing is changed", what)
		}
		if err := os.WriteFile(trail, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if status, said := exits(t, home, "journal", "verify"); status == 0 {
			t.Errorf("%s: not found: %s", what, said)
		}
	}
	return fmt.Sprintf("%d of %d found", len(changes), len(changes))
}

// cachesArePrivate reads the hints that caches between clients and server go by.
func cachesArePrivate(t *testing.T, platform *gateway) string {
	s := startHTTP(t, offering(platform))
	p := newPoster(s, true)
	for _, message := range []string{
		p.encode("1", "tools/list", `{}`), p.encode("1", "resources/list", `{}`), p.encode("1", "prompts/list", `{}`), call(p, "1", "get_credits", `{}`), p.encode("1", "server/discover", `{}`),
	} {
		response, err := p.post(message)
		if err != nil {
			t.Fatal(err)
		}
		if control := response.Header.Get("Cache-Control"); control != "no-store" {
			t.Errorf("%s: Cache-Control %q", shortened(message), control)
		}
		var hints struct {
			Scope string `json:"cacheScope"`
		}
		answer := readReply(response)
		_ = response.Body.Close()
		if err := json.Unmarshal(answer.Result, &hints); err != nil {
			t.Errorf("%s: %s", shortened(message), answer.raw)
		}
		if strings.Contains(message, "tools/call") && hints.Scope == "public" {
			t.Errorf("the result of a call may be shown to all: %s", answer.raw)
		}
	}
	return "no-store on 5 answers"
}
