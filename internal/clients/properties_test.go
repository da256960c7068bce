package clients

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// properties checks, on one made-up file of each client, what holds of every file.
func properties(t *testing.T, seed uint64) {
	t.Helper()
	for _, client := range All() {
		w := &writer{Rand: rand.New(rand.NewPCG(seed, 1))}
		addsAndRemoves(t, client, []byte(w.configuration(client, false)))
		changesTheEntryAlone(t, client, []byte(w.configuration(client, true)))
	}
}

// install is what Install makes of a text.
func install(t *testing.T, c Client, before []byte, entry Entry) []byte {
	t.Helper()
	e := c.format.editor()
	after, err := c.set(e, before, entry)
	if err == nil {
		err = errors.Join(c.checkEdit(e, before, after), c.checkWritten(e, after, entry))
	}
	if err != nil {
		t.Fatalf("%s: %v in\n%s\nto\n%s", c.Name, err, before, after)
	}
	if again, err := c.set(e, after, entry); err != nil || !bytes.Equal(again, after) {
		t.Fatalf("%s: the second time %v:\n%q\n%q", c.Name, err, after, again)
	}
	return after
}

// addsAndRemoves: what was there is there in its order, and removing the entry gives the very bytes back.
func addsAndRemoves(t *testing.T, c Client, before []byte) {
	t.Helper()
	entry := entryFor("--sandbox")
	entry.Environment = map[string]string{"A": "b: c # d"}
	after := install(t, c, before, entry)
	removed, err := c.format.editor().remove(after, []string{c.section, ServerName})
	if len(bytes.TrimSpace(bytes.TrimPrefix(before, []byte(byteOrderMark)))) == 0 {
		return // the file goes as a whole
	}
	if err != nil || !bytes.Equal(removed, before) {
		t.Fatalf("%s: removed, %v:\n%q\n%q\n%q", c.Name, err, before, after, removed)
	}
	if crlf := bytes.Count(before, []byte("\r\n")); crlf > 0 && bytes.Count(after, []byte("\n")) != bytes.Count(after, []byte("\r\n")) {
		t.Fatalf("%s: the ends of lines are mixed:\n%q", c.Name, after)
	}
	if !c.isNull(before) && !contains(after, before) {
		t.Fatalf("%s: something is lost:\n%q\n%q", c.Name, before, after)
	}
	other := entryFor("--read-only", "--no-money")
	other.Environment = map[string]string{"A": "b", "B": "c"}
	if back := c.withoutVariable(t, install(t, c, after, other), "B", entry); !bytes.Equal(after, back) {
		t.Fatalf("%s: there and back:\n%q\n%q", c.Name, after, back)
	}
}

// withoutVariable installs over a text with one variable less.
func (c Client) withoutVariable(t *testing.T, text []byte, name string, entry Entry) []byte {
	t.Helper()
	e := c.format.editor()
	text, err := e.remove(text, slices.Concat(c.variables(), []string{name}))
	if err != nil {
		t.Fatal(err)
	}
	return install(t, c, text, entry)
}

// variables is the path of the variables of the entry.
func (c Client) variables() []string {
	for _, f := range c.fields(Entry{}) {
		if _, ok := f.value.(map[string]string); ok {
			return []string{c.section, ServerName, f.name}
		}
	}
	return nil
}

// changesTheEntryAlone: what Install does not write survives in the entry, too, comments among it.
func changesTheEntryAlone(t *testing.T, c Client, before []byte) {
	t.Helper()
	old, _, err := c.read(c.format.editor(), before)
	if err != nil {
		t.Fatalf("%v in\n%s", err, before)
	}
	entry := entryFor("--sandbox", "--toolsets", "all")
	entry.Environment = kept(old.Environment, map[string]string{"NEW": "x", "WEBAGENTS_API_KEY": Placeholder})
	after := install(t, c, before, entry)
	for _, comment := range regexp.MustCompile(`c\d+\.`).FindAll(before, -1) {
		if !bytes.Contains(after, comment) {
			t.Fatalf("%s: the comment %s is lost:\n%s\n%s", c.Name, comment, before, after)
		}
	}
	for i, members := range []map[string]any{c.entryOf(t, before), c.entryOf(t, after)} {
		for _, name := range []string{"disabled", "alwaysAllow", "startup_timeout_sec", "enabled", "env_keys"} {
			if _, there := members[name]; there != (c.entryOf(t, before)[name] != nil) {
				t.Fatalf("%s: %s, %d:\n%s", c.Name, name, i, after)
			}
		}
	}
	if changed := install(t, c, after, entry); !bytes.Equal(changed, after) {
		t.Fatalf("%s:\n%q\n%q", c.Name, after, changed)
	}
	outside(t, c, before, after)
}

// outside: whoever takes the entry out of either text gets the same.
func outside(t *testing.T, c Client, before, after []byte) {
	t.Helper()
	path := []string{c.section, ServerName}
	one, err := c.format.editor().remove(before, path)
	other, err2 := c.format.editor().remove(after, path)
	if err := errors.Join(err, err2); err != nil || !bytes.Equal(one, other) {
		t.Fatalf("%s: something else has changed, %v:\n%q\n%q\n%q\n%q", c.Name, err, before, after, one, other)
	}
}

func (c Client) entryOf(t *testing.T, text []byte) map[string]any {
	t.Helper()
	root, err := c.format.editor().read(text)
	if err != nil {
		t.Fatal(err)
	}
	servers, _ := root[c.section].(map[string]any)
	members, _ := servers[ServerName].(map[string]any)
	return members
}

// isNull reports whether a text says that there are no servers.
func (c Client) isNull(text []byte) bool {
	root, err := c.format.editor().read(text)
	held, there := root[c.section]
	return err == nil && there && held == nil
}

// contains reports whether all of a text is in another, in its order.
func contains(whole, parts []byte) bool {
	for _, c := range whole {
		if len(parts) > 0 && parts[0] == c {
			parts = parts[1:]
		}
	}
	return len(parts) == 0
}

func TestWhatHoldsOfEveryFile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		properties(t, seed)
	}
}

func FuzzWhatHoldsOfEveryFile(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { properties(t, seed) })
}

// FuzzInstall takes any text: what comes out is refused, or whole.
func FuzzInstall(f *testing.F) {
	for i, text := range []string{zedInstalled, codexInstalled, gooseInstalled, zedSettings, codexSettings, gooseSettings, "", "{", "[a]\n", "a: 1\n", `{"a":1,}`, "# x"} {
		for client := range All() {
			f.Add(i+client, text)
		}
	}
	f.Fuzz(func(t *testing.T, which int, text string) {
		all := All()
		client := all[((which%len(all))+len(all))%len(all)]
		e := client.format.editor()
		after, err := client.set(e, []byte(text), entryFor())
		if err != nil || client.checkEdit(e, []byte(text), after) != nil || client.checkWritten(e, after, entryFor()) != nil {
			return
		}
		got, ok, err := client.read(e, after)
		if err != nil || !ok || got.Command != entryFor().Command {
			t.Fatalf("%s: lost in\n%s\n%v", client.Name, after, err)
		}
		again, err := client.set(e, after, entryFor())
		if err != nil || !bytes.Equal(again, after) {
			t.Fatalf("%s: not the same the second time: %v\n%q\n%q", client.Name, err, after, again)
		}
		if there, err := client.holds(e, []byte(text)); err != nil || there || strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark)) == "" {
			return
		}
		removed, err := e.remove(after, []string{client.section, ServerName})
		if err != nil || string(removed) != text {
			t.Fatalf("%s: not what it was, %v:\n%q\n%q\n%q", client.Name, err, text, after, removed)
		}
	})
}
