//go:build sandbox

package examples

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

// startSandbox starts a platform of the test's own, on a free port and in memory, and gives a client of it.
func startSandbox(t *testing.T, flags ...string) *client.Client {
	t.Helper()
	command := exec.Command("robutler-mcp", append([]string{"sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:"}, flags...)...)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	settings := map[string]string{}
	for lines := bufio.NewScanner(stdout); len(settings) < 2 && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		settings[name] = value
	}
	platform, err := client.New(client.WithBaseURL(settings["ROBUTLER_API_URL"]), client.WithAPIKey(settings["WEBAGENTS_API_KEY"]))
	if err != nil {
		t.Fatal(err)
	}
	return platform
}

func TestMyAgentIsFound(t *testing.T) {
	platform := startSandbox(t)
	created, err := platform.Agents.Create(t.Context(), client.AgentCreateParams{
		Name: "tide-table", Instructions: "Tell when the tide turns.", Description: "Tide tables for every harbor", IsPublic: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := platform.Agents.Search(t.Context(), "tide tables of a harbor", client.AgentSearchOptions{})
	if err != nil || len(found) == 0 || found[0].ID != created.ID {
		t.Errorf("%+v, %v", found, err)
	}
}

// Every second search fails: the client asks again.
func TestSearchBearsFaults(t *testing.T) {
	platform := startSandbox(t, "--fault", "POST /api/agents/search every=2 status=503")
	for range 4 {
		found, err := platform.Agents.Search(t.Context(), "translate a contract", client.AgentSearchOptions{})
		if err != nil || len(found) == 0 || found[0].Name != "legal-translator" {
			t.Errorf("%+v, %v", found, err)
		}
	}
}
