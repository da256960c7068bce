package packages

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// start runs an installed program: it must say its version, and answer a tool call over stdio from the embedded platform.
func start(t *testing.T, path string) {
	t.Helper()
	want := "robutler-mcp v" + metadata(t).Version + " "
	if got := run(t, path, "--version"); !strings.HasPrefix(got, want) {
		t.Errorf("--version says %q, not %q", got, want)
	}
	command := exec.CommandContext(t.Context(), path, "stdio", "--sandbox", "--sandbox-db", ":memory:")
	command.Env = []string{"HOME=" + t.TempDir()}
	client := mcp.NewClient(&mcp.Implementation{Name: "packages", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: command}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := session.InitializeResult().ServerInfo.Version; got != "v"+metadata(t).Version {
		t.Errorf("the server says it is %s", got)
	}
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "list_agents", Arguments: map[string]any{"limit": 1}})
	if err != nil || result.IsError {
		t.Fatalf("list_agents: %+v, %v", result, err)
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil || !strings.Contains(string(structured), `"agents":[{`) {
		t.Errorf("list_agents gives %s, %v", structured, err)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
}

// TestBinaries looks into the program of every archive: it is for the platform that the archive's name says, and static.
func TestBinaries(t *testing.T) {
	for _, platform := range platforms() {
		t.Run(platform, func(t *testing.T) {
			system, processor, _ := strings.Cut(platform, "_")
			files := unpack(t, archiveOf(t, platform))
			name := "robutler-mcp"
			if system == "windows" {
				name += ".exe"
			}
			content := bytes.NewReader(files[name].content)
			checkFormat(t, content, system, processor)
			info, err := buildinfo.Read(content)
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{}
			for _, setting := range info.Settings {
				settings[setting.Key] = setting.Value
			}
			if settings["-trimpath"] != "true" || settings["CGO_ENABLED"] != "0" || settings["vcs.revision"] != "" {
				t.Errorf("it was built with %v", settings)
			}
			checkBillOfMaterials(t, platform, hash(files[name].content), info)
		})
	}
}

// checkFormat reads the program as the loader of its system would.
func checkFormat(t *testing.T, content io.ReaderAt, system, processor string) {
	t.Helper()
	arm := processor == "arm64"
	switch system {
	case "linux":
		file, err := elf.NewFile(content)
		if err != nil {
			t.Fatal(err)
		}
		libraries, err := file.ImportedLibraries()
		if arm != (file.Machine == elf.EM_AARCH64) || !arm != (file.Machine == elf.EM_X86_64) || len(libraries) > 0 || err != nil {
			t.Errorf("for %s, needs %v, %v", file.Machine, libraries, err)
		}
		for _, segment := range file.Progs {
			if segment.Type == elf.PT_INTERP {
				t.Error("it needs a loader, so it is not static")
			}
		}
	case "darwin":
		file, err := macho.NewFile(content)
		if err != nil {
			t.Fatal(err)
		}
		if arm != (file.Cpu == macho.CpuArm64) || !arm != (file.Cpu == macho.CpuAmd64) || file.Type != macho.TypeExec {
			t.Errorf("a %s for %s", file.Type, file.Cpu)
		}
	default:
		file, err := pe.NewFile(content)
		if err != nil {
			t.Fatal(err)
		}
		if arm != (file.Machine == pe.IMAGE_FILE_MACHINE_ARM64) || !arm != (file.Machine == pe.IMAGE_FILE_MACHINE_AMD64) {
			t.Errorf("for machine %#x", file.Machine)
		}
	}
}
