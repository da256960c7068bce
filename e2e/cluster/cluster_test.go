package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// replicas is how many servers stand behind the load balancer.
const replicas = 3

// cluster is a platform, a journal, three replicas and a load balancer, all on loopback.
type cluster struct {
	binary, folder string
	journal        *journalDatabase
	ports          *ports

	platform         *daemon
	platformDatabase string
	platformURL, key string

	// flags are the replicas' beside those that every replica has.
	flags     []string
	addresses [replicas]string
	running   [replicas]*daemon
	// front is where the load balancer listens.
	front string
}

// newCluster starts all of it. What runs is stopped, and must have ended cleanly, when the test ends.
func newCluster(t *testing.T, flags ...string) *cluster {
	t.Helper()
	balancer := need(t, "HAProxy", findHAProxy)
	c := &cluster{binary: binary(t), folder: clusterFolder(t), ports: &ports{given: map[int]bool{}}, flags: flags}
	c.journal = startPostgres(t, c.ports.free(t))
	c.startPlatform(t)
	for i := range replicas {
		c.addresses[i] = fmt.Sprintf("127.0.0.1:%d", c.ports.free(t))
		if err := c.startReplica(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for i := range c.running {
			if err := c.running[i].end(syscall.SIGTERM); err != nil {
				t.Errorf("replica %d: %v\n%s", i, err, tail(c.running[i].log))
			}
		}
	})
	c.startBalancer(t, balancer)
	return c
}

// clusterFolder is where the platform and the replicas write. Nothing that is killed there loses what it wrote.
func clusterFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp(os.Getenv("CLUSTER_FOLDER"), "robutler-cluster")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func findHAProxy() (string, error) {
	const installed = "/usr/sbin/haproxy" // which is not in the path of everybody
	if _, err := os.Stat(installed); err == nil {
		return installed, nil
	}
	return exec.LookPath("haproxy")
}

// command prepares the program with a home of its own and no settings but these.
func (c *cluster) command(ctx context.Context, home string, environment []string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(context.WithoutCancel(ctx), c.binary, arguments...) //nolint:gosec // the program under test
	command.Env = append([]string{"HOME=" + filepath.Join(c.folder, home), "PATH=" + os.Getenv("PATH")}, environment...)
	return command
}

// startPlatform starts the embedded platform as a process of its own, with payment tokens to spend.
func (c *cluster) startPlatform(t *testing.T) {
	t.Helper()
	c.platformDatabase = filepath.Join(c.folder, "platform.db")
	seed := filepath.Join(c.folder, "seed.json")
	if err := os.WriteFile(seed, seedWithTokens(t), 0o600); err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", c.ports.free(t))
	log := filepath.Join(c.folder, "platform.log")
	var err error
	c.platform, err = launch("platform", log, c.command(t.Context(), "platform", nil,
		"sandbox", "--addr", address, "--sandbox-db", c.platformDatabase, "--seed", seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.stopPlatform(t) })
	c.platformURL = "http://" + address
	if err := c.platform.await(t.Context(), answers(c.platformURL+"/api/health")); err != nil {
		t.Fatal(err)
	}
	if c.key, err = firstLine(log, "WEBAGENTS_API_KEY="); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) stopPlatform(t *testing.T) {
	t.Helper()
	if err := c.platform.end(syscall.SIGTERM); err != nil {
		t.Errorf("platform: %v\n%s", err, tail(c.platform.log))
	}
}

// tokens is how many payment tokens there are to spend; none can have more than a hundred open locks.
const tokens = 40

// tokenCredits is what each of them holds.
const tokenCredits = 100

// seedWithTokens is the platform's own seed with tokens that another user gave.
func seedWithTokens(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../internal/sandbox/data/seed.json")
	if err != nil {
		t.Fatal(err)
	}
	var seed map[string]any
	if err := json.Unmarshal(text, &seed); err != nil {
		t.Fatal(err)
	}
	given, ok := seed["payment_tokens"].([]any)
	if !ok {
		t.Fatal("the seed has no payment tokens")
	}
	for i := range tokens {
		given = append(given, map[string]any{
			"name": fmt.Sprintf("cluster-%d", i), "from": "office@lexa.example", "credits": fmt.Sprint(tokenCredits), "days": 365,
		})
	}
	seed["payment_tokens"] = given
	if text, err = json.Marshal(seed); err != nil {
		t.Fatal(err)
	}
	return text
}

// startReplica starts a replica where it always is, and waits until it is ready.
func (c *cluster) startReplica(ctx context.Context, i int) error {
	name := fmt.Sprintf("replica%d", i+1)
	environment := []string{"WEBAGENTS_API_KEY=" + c.key, "PGPASSFILE=" + c.journal.passwordFile}
	arguments := slices.Concat([]string{
		"http", "--stateless", "--addr", c.addresses[i], "--base-url", c.platformURL, "--journal", c.journal.address,
		"--toolsets", "all",
	}, c.flags)
	started, err := launch(name, filepath.Join(c.folder, name+".log"), c.command(ctx, name, environment, arguments...))
	if err != nil {
		return err
	}
	c.running[i] = started
	return started.await(ctx, answers("http://"+c.addresses[i]+"/readyz"))
}

// startBalancer starts HAProxy with the configuration that deploy/ ships.
func (c *cluster) startBalancer(t *testing.T, program string) {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", c.ports.free(t))
	configuration, err := filepath.Abs("../../deploy/haproxy/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-db", "-f", configuration)
	command.Env = []string{"BIND=" + address, "PUBLIC_HOST=" + address}
	for i, replica := range c.addresses {
		command.Env = append(command.Env, fmt.Sprintf("REPLICA_%d=%s", i+1, replica))
	}
	balancer, err := launch("haproxy", filepath.Join(c.folder, "haproxy.log"), command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := balancer.end(syscall.SIGTERM); err != nil && !signaled(err, syscall.SIGTERM) {
			t.Errorf("haproxy: %v\n%s", err, tail(balancer.log))
		}
	})
	c.front = "http://" + address
	if err := balancer.await(t.Context(), answers(c.front+"/healthz")); err != nil {
		t.Fatal(err)
	}
}

// signaled reports that a program ended of a signal, as HAProxy passes on those that end it.
func signaled(err error, signal syscall.Signal) bool {
	ended, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := ended.Sys().(syscall.WaitStatus)
	return ok && ((status.Signaled() && status.Signal() == signal) || status.ExitStatus() == 128+int(signal))
}

// cli runs a command of the program on the shared journal.
func (c *cluster) cli(ctx context.Context, arguments ...string) (string, error) {
	command := c.command(ctx, "operator", []string{"PGPASSFILE=" + c.journal.passwordFile}, arguments...)
	output, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(arguments[:2], " "), err, output)
	}
	return string(output), err
}
