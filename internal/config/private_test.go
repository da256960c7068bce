package config

import (
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestPrivate(t *testing.T) {
	const root, user, other = 0, 65532, 1000
	for _, c := range []struct {
		name        string
		mode        os.FileMode
		owner, self int
		want        bool
	}{
		{"the user's own", 0o600, user, user, true},
		{"the user's own, of the group too", 0o640, user, user, false},
		{"mounted for the group", 0o440, root, user, true},
		{"mounted for the group, writable by root", 0o640, root, user, true},
		{"writable by the group", 0o660, root, user, false},
		{"mounted for everybody", 0o444, root, user, false},
		{"another user's", 0o440, other, user, false},
		{"root's own, of the group too", 0o440, root, root, false},
		{"of an owner nobody knows", 0o440, -1, user, false},
	} {
		if got := private(c.mode, c.owner, c.self); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	const root, user, other, users = 0, 1000, 1001, 100
	for _, c := range []struct {
		name               string
		mode               os.FileMode
		owner, group, self int
		want               ownership
	}{
		{"the user's own, readable by all", 0o644, user, users, user, ours},
		{"of the user's own group", 0o664, user, user, user, ours},
		{"of a group of several", 0o664, user, users, user, shared},
		{"writable by all", 0o646, user, user, user, shared},
		{"mounted by root", 0o444, root, user, user, ours},
		{"mounted by root, writable by a group", 0o460, root, user, user, shared},
		{"another user's", 0o600, other, other, user, foreign},
		{"a user's, read by root", 0o644, user, user, root, foreign},
		{"of an owner nobody knows", 0o600, -1, -1, user, foreign},
	} {
		if got := ownershipOf(c.mode, c.owner, c.group, c.self); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A file of settings can name a program to run, so that nobody else may change it.
func TestAFileThatOthersCanChangeIsRefused(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("rights are not kept in modes")
	}
	path := file(t, "api-key-command: [echo, rok_x]\n", 0o600)
	for mode, want := range map[os.FileMode]string{0o600: "", 0o644: "", 0o602: "chmod go-w " + path, 0o666: "chmod go-w " + path} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		c, err := load(t, nil, "--config", path)
		if want == "" && (err != nil || c.Key.Reveal() != "rok_x") {
			t.Errorf("%o: %v", mode, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || !c.Key.Empty()) {
			t.Errorf("%o: %v", mode, err)
		}
	}
	if _, err := load(t, nil, "--config", os.DevNull); err != nil {
		t.Errorf("what is no file belongs to nobody: %v", err)
	}
}
