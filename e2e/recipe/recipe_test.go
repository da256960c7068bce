package recipe

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// copied puts the recipe into an empty folder, and the program on a PATH.
func copied(t *testing.T) (script string, environment []string) {
	t.Helper()
	folder, programs := t.TempDir(), t.TempDir()
	for _, name := range []string{"run.sh", "package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join("..", "inspector", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(program.Path(t), filepath.Join(programs, "robutler-mcp")); err != nil {
		t.Fatal(err)
	}
	// npm needs the home of whoever runs the tests, for its registry and its cache.
	environment = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "ROBUTLER_") || strings.HasPrefix(variable, "WEBAGENTS_") || strings.HasPrefix(variable, "PATH=")
	})
	return filepath.Join(folder, "run.sh"), append(environment, "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func run(t *testing.T, environment []string, script string, arguments ...string) (output string, status int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), script, arguments...)
	command.Dir, command.Env = t.TempDir(), environment
	text, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(command.Dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return string(text), command.ProcessState.ExitCode()
}

// platform starts the embedded platform as somebody's real one, and gives its address and key.
func platform(t *testing.T) (address *url.URL, key string) {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program.Path(t), "sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:")
	command.Env = []string{"HOME=" + t.TempDir()}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})
	settings := map[string]string{}
	for lines := bufio.NewScanner(output); len(settings) < 2 && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		settings[name] = value
	}
	if address, err = url.Parse(settings["ROBUTLER_API_URL"]); err != nil {
		t.Fatal(err)
	}
	return address, settings["WEBAGENTS_API_KEY"]
}

// TestARealAccountIsOnlyRead points the copied recipe at an account, and looks at all that its platform is asked.
func TestARealAccountIsOnlyRead(t *testing.T) {
	address, key := platform(t)
	var mu sync.Mutex
	asked := map[string]int{}
	proxy := httputil.NewSingleHostReverseProxy(address)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.Method+" "+r.URL.Path]++
		mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	defer server.Close()

	script, environment := copied(t)
	environment = append(environment, "WEBAGENTS_API_KEY="+key, "ROBUTLER_API_URL="+server.URL, "ROBUTLER_INSPECTOR_ROUNDS=stdio:modern")
	output, status := run(t, environment, script, "--account")
	if status != 0 || !strings.Contains(output, " passed, 0 failed") || !strings.Contains(output, "inspector: stdio:modern: ") {
		t.Errorf("exit status %d:\n%s", status, output)
	}
	if strings.Contains(output, key) {
		t.Error("the key is printed")
	}
	mu.Lock()
	defer mu.Unlock()
	reads := []string{"POST /api/agents/search", "POST /api/intents/search"}
	for request := range asked {
		if !strings.HasPrefix(request, "GET /api/") && !slices.Contains(reads, request) {
			t.Errorf("the platform was asked to %s", request)
		}
	}
	for _, request := range append(reads, "GET /api/user", "GET /api/agents") {
		if asked[request] == 0 {
			t.Errorf("the platform was never asked to %s: %v", request, asked)
		}
	}
}

// TestTheRecipeExplainsItself makes the mistakes that people make; nothing is installed for them.
func TestTheRecipeExplainsItself(t *testing.T) {
	script, environment := copied(t)
	for name, test := range map[string]struct {
		environment, arguments []string
		status                 int
		says                   string
	}{
		"help":             {arguments: []string{"--help"}, says: "usage: run.sh [--sandbox | --account] [PROGRAM]"},
		"no key":           {arguments: []string{"--account"}, status: 2, says: "needs an API key in WEBAGENTS_API_KEY"},
		"no key, variable": {environment: []string{"ROBUTLER_INSPECTOR_TARGET=account"}, status: 2, says: "needs an API key in WEBAGENTS_API_KEY"},
		"no such target":   {environment: []string{"ROBUTLER_INSPECTOR_TARGET=prod"}, status: 2, says: "is sandbox or account, not prod"},
		"no such flag":     {arguments: []string{"--acount"}, status: 2, says: "unknown flag --acount"},
		"no such program":  {arguments: []string{"./absent"}, status: 2, says: "there is no program ./absent"},
		"two programs":     {arguments: []string{"a", "b"}, status: 2, says: "one program is enough"},
	} {
		t.Run(name, func(t *testing.T) {
			output, status := run(t, append(slices.Clone(environment), test.environment...), script, test.arguments...)
			if status != test.status || !strings.Contains(output, test.says) {
				t.Errorf("exit status %d:\n%s", status, output)
			}
		})
	}
}
