package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// diskRows are about a journal that cannot be written: no money may move then, and reads go on.
func diskRows(platform *gateway) []row {
	with := func(journal func(t *testing.T, home string) (path string, blocks int)) func(*testing.T, string) string {
		return func(t *testing.T, over string) string { return unwritable(t, platform, over, journal) }
	}
	const limit = "refused before it is sent, reads work"
	return []row{
		{fault: "the disk is full: no journal can be made", limit: limit, over: everywhere(), probe: with(func(_ *testing.T, home string) (string, int) {
			return filepath.Join(home, "journal.db"), 1
		})},
		{fault: "the disk is full: the journal cannot grow", limit: limit, over: []string{overStdio, overModern}, probe: with(func(t *testing.T, home string) (string, int) {
			return grownJournal(t, platform, home)
		})},
		{fault: "the journal's folder is none", limit: limit, over: []string{overStdio, overModern}, probe: with(func(t *testing.T, home string) (string, int) {
			file := filepath.Join(home, "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(file, "journal.db"), 0
		})},
		{fault: "the journal is no database", limit: limit, over: []string{overStdio, overModern}, probe: with(func(t *testing.T, home string) (string, int) {
			path := filepath.Join(home, "journal.db")
			if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
			return path, 0
		})},
		{fault: "the journal may only be read", limit: limit, over: []string{overStdio, overModern}, probe: with(readOnlyJournal)},
	}
}

// grownJournal makes a journal, and gives the number of blocks of 1 KiB that its files already need.
func grownJournal(t *testing.T, platform *gateway, home string) (path string, blocks int) {
	t.Helper()
	path = filepath.Join(home, "journal.db")
	given := offering(platform, "--journal", path)
	given.home = home
	w := dialStdio(startStdio(t, given), true)
	agreed(t, w)
	w.leave()
	<-w.server.ended
	made, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, int(made.Size() >> 10)
}

// readOnlyJournal gives a journal in a folder that may not be written. Root may write anywhere, so that for root the
// file is one that takes no byte.
func readOnlyJournal(t *testing.T, home string) (path string, blocks int) {
	t.Helper()
	if os.Geteuid() == 0 {
		path = filepath.Join(home, "full.db")
		if err := os.Symlink("/dev/full", path); err != nil {
			t.Fatal(err)
		}
		return path, 0
	}
	folder := filepath.Join(home, "locked")
	if err := os.Mkdir(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(folder, "journal.db"), 0
}

func unwritable(t *testing.T, platform *gateway, over string, journal func(*testing.T, string) (string, int)) string {
	home := t.TempDir()
	path, blocks := journal(t, home)
	given := offering(platform, "--journal", path)
	given.home = home
	if blocks > 0 {
		given.wrap = limitFiles(blocks)
	}
	before := platform.count("POST " + payRoute)
	w := dial(t, over, given)
	do(t, w, "get_credits", `{}`).good(t)
	// A journal that cannot grow may have room for some calls. What it has no room for must not be sent.
	done := 0
	var last outcome
	for range 100 {
		last = payTwice(t, w)
		if last.StructuredContent["status"] != "done" {
			break
		}
		done++
	}
	if !last.IsError || last.Meta.Failure.Code != "journal_unavailable" {
		t.Errorf("after %d payments one is answered with %+v", done, last)
	}
	if paid := platform.count("POST "+payRoute) - before; paid != done {
		t.Errorf("%d payments are made, %d are said to be", paid, done)
	}
	do(t, w, "get_credits", `{}`).good(t)
	return fmt.Sprintf("journal_unavailable, %d payments before", done)
}

// payTwice asks for a payment and agrees to it, unless it is refused.
func payTwice(t *testing.T, w wire) outcome {
	t.Helper()
	arguments := payment()
	asked := do(t, w, "redeem_payment_token", arguments+"}").outcome(t)
	handle, _ := asked.StructuredContent["confirmation"].(string)
	if asked.IsError || handle == "" {
		return asked
	}
	return do(t, w, "redeem_payment_token", arguments+fmt.Sprintf(`,"confirmation":%q}`, handle)).outcome(t)
}

// limitFiles runs a command under a limit for the size of files, as a full disk would set it. The unit is 1 KiB.
func limitFiles(blocks int) func(*exec.Cmd) {
	return func(c *exec.Cmd) {
		shell, err := exec.LookPath("bash")
		if err != nil {
			c.Err = err
			return
		}
		c.Args = append([]string{"bash", "-c", fmt.Sprintf(`ulimit -f %d && exec "$0" "$@"`, blocks), c.Path}, c.Args[1:]...)
		c.Path = shell
	}
}
