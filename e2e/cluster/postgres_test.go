package cluster

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// journalDatabase is a PostgreSQL of the test's own on loopback, which asks for a password.
type journalDatabase struct {
	// address is what the replicas are told; the password is in the file.
	address, passwordFile string
	database              *sql.DB
}

// startPostgres starts a server with one empty database. Its data are not synced to disk: no process is cut off from a
// kernel that lives on.
func startPostgres(t testing.TB, port int) *journalDatabase {
	t.Helper()
	initdb := need(t, "PostgreSQL", func() (string, error) { return findPostgres("initdb") })
	server := need(t, "PostgreSQL", func() (string, error) { return findPostgres("postgres") })
	folder, as := postgresFolder(t)
	data, password := filepath.Join(folder, "data"), rand.Text()
	passwordFile := filepath.Join(folder, "password")
	if err := os.WriteFile(passwordFile, []byte(password+"\n"), 0o644); err != nil { //nolint:gosec // its folder is private
		t.Fatal(err)
	}
	create := exec.CommandContext(t.Context(), initdb, "-D", data, "-U", "robutler", "-A", "scram-sha-256",
		"--pwfile", passwordFile, "-E", "UTF8", "--no-sync")
	create.SysProcAttr, create.Dir = as, folder
	if output, err := create.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, output)
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), server, "-D", data, "-k", folder, "-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=64MB", "-c", "fsync=off")
	command.SysProcAttr, command.Dir = as, folder
	running, err := launch("postgres", filepath.Join(t.TempDir(), "postgres.log"), command)
	if err != nil {
		t.Fatal(err)
	}
	j := &journalDatabase{
		address:      fmt.Sprintf("postgres://robutler@127.0.0.1:%d/postgres?sslmode=disable", port),
		passwordFile: filepath.Join(t.TempDir(), "pgpass"),
	}
	if err := os.WriteFile(j.passwordFile, []byte("127.0.0.1:*:*:robutler:"+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if j.database, err = sql.Open("pgx", strings.Replace(j.address, "robutler@", "robutler:"+password+"@", 1)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(j.database.Close(), running.end(syscall.SIGINT)); err != nil { // a fast shutdown
			t.Error(err)
		}
	})
	if err := running.await(t.Context(), j.database.PingContext); err != nil {
		t.Fatal(err)
	}
	return j
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

// postgresFolder makes a folder, and says who runs the server, which refuses root.
func postgresFolder(t testing.TB) (string, *syscall.SysProcAttr) {
	t.Helper()
	folder, err := os.MkdirTemp("", "pg") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	if os.Geteuid() != 0 {
		return folder, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		account, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr, os.Chown(folder, int(uid), int(gid))); err != nil { //nolint:gosec // both are of 32 bits
		t.Fatal(err)
	}
	return folder, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
