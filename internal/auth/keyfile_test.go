package auth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func found(t *testing.T, f *KeyFile, subject string) string {
	t.Helper()
	key, err := f.Find(subject)
	if err != nil {
		t.Fatal(err)
	}
	return key.Reveal()
}

// What is taken away or put in place of it counts from the next call on, also within the same moment.
func TestKeyFileIsReadAgain(t *testing.T) {
	t.Parallel()
	path := keyFile(t, `{"auth0|alice": "`+aliceKey+`", "12": "rok_bob_0123456789abcdef"}`)
	f, err := OpenKeyFile(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if found(t, f, "auth0|alice") != aliceKey || found(t, f, "12") == "" || found(t, f, "mallory") != "" || found(t, f, "") != "" {
		t.Error("the mapping is another one")
	}
	other := strings.Replace(aliceKey, "alice", "ALICE", 1)
	for _, write := range []func(string) error{
		func(text string) error { return os.WriteFile(path, []byte(text), 0o600) },
		func(text string) error {
			fresh := filepath.Join(filepath.Dir(path), "fresh")
			return os.WriteFile(fresh, []byte(text), 0o600)
		},
	} {
		if err := write("auth0|alice: " + other + "\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "fresh")); err == nil {
			if err := os.Rename(filepath.Join(filepath.Dir(path), "fresh"), path); err != nil {
				t.Fatal(err)
			}
		}
		if found(t, f, "auth0|alice") != other || found(t, f, "12") != "" {
			t.Error("the old mapping lives on")
		}
	}
}

func TestKeyFilesThatMapNobody(t *testing.T) {
	t.Parallel()
	path := keyFile(t, "alice: "+aliceKey+"\n")
	f, err := OpenKeyFile(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func() error{
		"readable by others": func() error { return os.Chmod(path, 0o644) },
		"no mapping":         func() error { return os.WriteFile(path, []byte("- a\n"), 0o600) },
		"twice":              func() error { return os.WriteFile(path, []byte("a: "+aliceKey+"\na: "+aliceKey+"\n"), 0o600) },
		"no key":             func() error { return os.WriteFile(path, []byte("alice: ''\n"), 0o600) },
		"a key with a space": func() error { return os.WriteFile(path, []byte("alice: "+aliceKey+" x\n"), 0o600) },
		"too long":           func() error { return os.WriteFile(path, make([]byte, 1<<20+1), 0o600) },
		"gone":               func() error { return os.Remove(path) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		_, err := f.Find("alice")
		if err == nil || strings.Contains(err.Error(), aliceKey) {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.WriteFile(path, []byte("alice: "+aliceKey+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		if found(t, f, "alice") != aliceKey {
			t.Errorf("%s: the mapping did not come back", name)
		}
	}
}
