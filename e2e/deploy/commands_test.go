package deploy

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"

	"sigs.k8s.io/yaml"
)

// deployed is a command line that one of the files starts.
type deployed struct {
	arguments []string
	// files are the text of those that it reads, by where they are mounted.
	files map[string]string
}

// deployments gives all command lines.
func deployments(t *testing.T) map[string]deployed {
	t.Helper()
	m := readManifests(t)
	files := map[string]string{"/etc/robutler-mcp/config.yaml": m.config.Data["config.yaml"]}
	for name := range m.secret.StringData {
		files["/run/secrets/robutler-mcp/"+name] = m.secret.StringData[name]
	}
	compose := make([]string, 0, len(readCompose(t).Replica.Command))
	for _, argument := range readCompose(t).Replica.Command {
		compose = append(compose, expand(argument))
	}
	return map[string]deployed{
		"compose":         {arguments: compose},
		"kubernetes":      {arguments: m.deployment.Spec.Template.Spec.Containers[0].Args, files: files},
		"kubernetes/oidc": {arguments: oidcArguments(t), files: files},
	}
}

// oidcArguments reads them out of the patch that puts them in.
func oidcArguments(t *testing.T) []string {
	t.Helper()
	var k kustomization
	decode(t, "../../deploy/kubernetes/oidc/kustomization.yaml", &k)
	var operations []struct {
		Op, Path string
		Value    []string
	}
	if len(k.Patches) != 1 || k.Patches[0].Target.Name != readManifests(t).deployment.Name {
		t.Fatalf("patches: %+v", k.Patches)
	}
	if err := yaml.UnmarshalStrict([]byte(k.Patches[0].Patch), &operations); err != nil || len(operations) != 1 {
		t.Fatalf("patch: %v", err)
	}
	if operations[0].Op != "replace" || operations[0].Path != "/spec/template/spec/containers/0/args" {
		t.Fatalf("patch: %+v", operations[0])
	}
	return operations[0].Value
}

// TestFlagsExist looks every flag that is used up in the program's own help.
func TestFlagsExist(t *testing.T) {
	help, err := exec.CommandContext(t.Context(), program.Path(t), "http", "--help-all").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, help)
	}
	for name, d := range deployments(t) {
		if d.arguments[0] != "http" {
			t.Errorf("%s starts %s", name, d.arguments[0])
		}
		for _, argument := range d.arguments[1:] {
			flag, _, _ := strings.Cut(argument, "=")
			if !strings.HasPrefix(flag, "--") || !bytes.Contains(help, []byte(" "+flag+" ")) {
				t.Errorf("%s: there is no %s", name, flag)
			}
		}
		// Whoever reaches the port is asked who they are, and TLS ends before it; and no replica has anything of its own.
		for _, flag := range []string{"--stateless", "--behind-proxy"} {
			if !slices.Contains(d.arguments, flag) {
				t.Errorf("%s lacks %s", name, flag)
			}
		}
		if !slices.ContainsFunc(d.arguments, func(a string) bool { return a == "--auth=passthrough" || a == "--auth=oidc" }) {
			t.Errorf("%s authenticates nobody", name)
		}
		if !strings.Contains(strings.Join(d.arguments, " ")+d.files["/etc/robutler-mcp/config.yaml"], "postgres://robutler@") {
			t.Errorf("%s: the replicas share no journal, or its address holds a password", name)
		}
	}
}

// TestCommandsStart starts the program as each file does, on loopback and with its files elsewhere. It must come up, and
// end when it is asked to.
func TestCommandsStart(t *testing.T) {
	for name, d := range deployments(t) {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			address, metrics := freeAddress(t), freeAddress(t)
			move := strings.NewReplacer("0.0.0.0:8080", address, "0.0.0.0:9090", metrics, "/run/secrets/robutler-mcp", folder,
				"/etc/robutler-mcp", folder, "https://login.example.com", "https://127.0.0.1:1")
			for path, text := range d.files {
				if err := os.WriteFile(filepath.Join(folder, filepath.Base(path)), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			arguments := make([]string, len(d.arguments))
			for i := range d.arguments {
				arguments[i] = move.Replace(d.arguments[i])
			}
			server := exec.CommandContext(context.WithoutCancel(t.Context()), program.Path(t), arguments...)
			server.Env = []string{"XDG_DATA_HOME=" + folder, "ROBUTLER_API_URL=http://127.0.0.1:1"}
			var output bytes.Buffer
			server.Stdout, server.Stderr = &output, &output
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			ctx, ended := context.WithTimeout(t.Context(), startTime)
			result := make(chan error, 1)
			go func() {
				result <- server.Wait()
				ended()
			}()
			up := awaitHealth(ctx, "http://"+address+"/healthz")
			_ = server.Process.Signal(syscall.SIGTERM) // it may have ended by itself
			if err := <-result; err != nil || !up {
				t.Errorf("up: %v, end: %v\n%s", up, err, output.String())
			}
		})
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// startTime bounds how long the program may take until it serves.
const startTime = 20 * time.Second

// awaitHealth asks until a server says that it is alive, or the context ends.
func awaitHealth(ctx context.Context, url string) bool {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false
		}
		if response, err := client.Do(request); err == nil {
			alive := response.StatusCode == http.StatusOK
			if response.Body.Close() == nil && alive {
				return true
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false
}
