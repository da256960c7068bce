//go:build unix

package consent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/robutlerai/robutler-mcp/internal/postgres"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		sharedCluster.stop()
		os.Exit(code)
	}))
}

// postgresCluster is a PostgreSQL of the tests' own on a unix socket, started by the first test that needs it.
type postgresCluster struct {
	once   sync.Once
	err    error
	folder string
	server *exec.Cmd
}

var sharedCluster postgresCluster

// newPostgres gives the address of an empty database.
func newPostgres(t testing.TB) string {
	t.Helper()
	sharedCluster.once.Do(func() { sharedCluster.err = sharedCluster.start() })
	if err := sharedCluster.err; err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("start PostgreSQL: %v", err)
		}
		t.Logf("NOT TESTED on PostgreSQL: %v", err)
		t.Skip("PostgreSQL cannot be started")
	}
	name := "t" + newID()
	database, err := postgres.Open(sharedCluster.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if _, err := database.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return sharedCluster.address(name)
}

func (c *postgresCluster) address(database string) string {
	return "postgres://postgres@/" + database + "?host=" + c.folder
}

func (c *postgresCluster) start() (err error) {
	initdb, err := findPostgres("initdb")
	if err != nil {
		return err
	}
	server, err := findPostgres("postgres")
	if err != nil {
		return err
	}
	if c.folder, err = os.MkdirTemp("", "pg"); err != nil {
		return err
	}
	as, err := postgresUser(c.folder)
	if err != nil {
		return err
	}
	data := filepath.Join(c.folder, "data")
	create := exec.CommandContext(context.Background(), initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
	create.SysProcAttr, create.Dir = as, c.folder
	if output, err := create.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	c.server = exec.CommandContext(context.Background(), server, "-D", data, "-k", c.folder, "-c", "listen_addresses=",
		"-c", "shared_buffers=32MB", "-c", "max_connections=200")
	c.server.SysProcAttr, c.server.Dir = as, c.folder
	if err := c.server.Start(); err != nil {
		return err
	}
	return c.await()
}

func (c *postgresCluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	database, err := postgres.Open(c.address("postgres"))
	if err != nil {
		return err
	}
	defer database.Close()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := database.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}

func (c *postgresCluster) stop() {
	if c.server != nil && c.server.Process != nil {
		_ = c.server.Process.Signal(syscall.SIGINT) // a fast shutdown
		_ = c.server.Wait()
	}
	if c.folder != "" {
		_ = os.RemoveAll(c.folder)
	}
}

// findPostgres looks where distributions keep the server's programs, and then in the path.
func findPostgres(program string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + program)
	if err == nil && len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1], nil
	}
	return exec.LookPath(program)
}

// postgresUser is who runs the server, which refuses root, and gives the folder to them.
func postgresUser(folder string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var failed error
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		uid, err := strconv.ParseUint(account.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(account.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		if err := os.Chown(folder, int(uid), int(gid)); err != nil {
			return nil, err
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, failed
}
