package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Change is what became of a client's configuration.
type Change struct {
	// Path is the configuration.
	Path string
	// Changed is false when it already said what was wanted.
	Changed bool
	// Backup holds what was there before; empty when nothing was, or nothing that Install does not write.
	Backup string
	// Dropped names the variables that were obsolete and held something.
	Dropped []string
	// Deleted says that the file went, since it held nothing but what Install had written.
	Deleted bool
}

// Placeholder is what a snippet shows in place of what only the user knows.
const Placeholder = "your key"

// Install writes the entry into a configuration, which is made if need be. Everything else in it stays, byte for byte.
// Where the entry is there, only what starts the server is brought up to date: the rest of it is the user's, and so are
// variables that the new one does not set, or sets to a Placeholder, but for those that are named as obsolete. What was
// there is kept beside the file, named by the time, unless Install alone wrote it.
func (c Client) Install(path string, entry Entry, now time.Time, obsolete ...string) (Change, error) {
	var dropped []string
	done, err := c.edit(path, now, "install", func(e editor, text []byte) ([]byte, error) {
		installed, ok, err := c.read(e, text)
		if err != nil {
			return nil, err
		}
		if ok {
			for _, name := range obsolete {
				if value, there := installed.Environment[name]; there {
					delete(installed.Environment, name)
					if value != Placeholder && value != "" {
						dropped = append(dropped, name)
					}
				}
			}
			entry.Environment = kept(installed.Environment, entry.Environment)
		}
		after, err := c.set(e, text, entry)
		if err != nil {
			return nil, err
		}
		return after, c.checkWritten(e, after, entry)
	})
	if done.Changed {
		done.Dropped = dropped
	}
	return done, err
}

// checkWritten makes sure that a text says what it was to say.
func (c Client) checkWritten(e editor, text []byte, wanted Entry) error {
	written, ok, err := c.read(e, text)
	if err != nil || !ok || written.Command != wanted.Command || !slices.Equal(written.Arguments, wanted.Arguments) || !maps.Equal(written.Environment, wanted.Environment) {
		return byHand("%s", c.section)
	}
	return nil
}

// Read gives the entry that a configuration holds, and whether it holds one. An error says what is wrong with the file,
// and does not name it.
func (c Client) Read(path string) (Entry, bool, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a client's own configuration
	if errors.Is(err, fs.ErrNotExist) {
		return Entry{}, false, nil
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return Entry{}, false, failed.Err
	}
	if err != nil {
		return Entry{}, false, err
	}
	return c.read(c.format.editor(), text)
}

func (c Client) read(e editor, text []byte) (Entry, bool, error) {
	root, err := e.read(text)
	if err != nil {
		return Entry{}, false, err
	}
	servers, _ := root[c.section].(map[string]any)
	members, ok := servers[ServerName].(map[string]any)
	if !ok {
		return Entry{}, false, nil
	}
	entry := c.unshape(members)
	entry.Address = addressOf(members)
	entry.Off = c.off != nil && c.off(root, members)
	return entry, true, nil
}

// kept gives the variables of a new entry and those of the old one that it does not know better.
func kept(old, wanted map[string]string) map[string]string {
	both := maps.Clone(old)
	if both == nil {
		both = map[string]string{}
	}
	maps.DeleteFunc(both, func(_, value string) bool { return value == Placeholder })
	for name, value := range wanted {
		if value != Placeholder || both[name] == "" {
			both[name] = value
		}
	}
	if len(both) == 0 {
		return nil
	}
	return both
}

// edit changes a configuration.
func (c Client) edit(path string, now time.Time, verb string, change func(editor, []byte) ([]byte, error)) (Change, error) {
	done := Change{Path: path}
	fail := func(err error) (Change, error) {
		return Change{}, fmt.Errorf("%s robutler in %s: %w", verb, path, err)
	}
	path, err := target(path)
	if err != nil {
		return fail(err)
	}
	before, err := os.ReadFile(path) //nolint:gosec // a client's own configuration
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return fail(err)
	}
	e := c.format.editor()
	if _, err := e.read(before); err != nil {
		return fail(fmt.Errorf("%w; correct it first: nothing was changed", err))
	}
	after, err := change(e, before)
	if err != nil {
		return fail(err)
	}
	if bytes.Equal(before, after) {
		return done, nil
	}
	if err := c.checkEdit(e, before, after); err != nil {
		return fail(err)
	}
	if made, withKey := c.written(before); !missing && (!made || withKey) {
		if done.Backup, err = backUp(path, before, now); err != nil {
			return fail(err)
		}
	}
	if err := replaceFile(path, after); err != nil {
		return fail(err)
	}
	done.Changed = true
	return done, nil
}

// target follows links, so that a configuration that is kept elsewhere stays there.
func target(path string) (string, error) {
	followed, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	if err != nil {
		return "", fmt.Errorf("follow the link: %w", err)
	}
	return followed, nil
}

// backUp keeps a copy. It never writes over an older one.
func backUp(path string, text []byte, now time.Time) (string, error) {
	stamp := now.UTC().Format("20060102-150405")
	for n := range 100 {
		name := path + "." + stamp + ".bak"
		if n > 0 {
			name = fmt.Sprintf("%s.%s-%d.bak", path, stamp, n)
		}
		file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the configuration
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("keep a copy: %w", err)
		}
		_, err = file.Write(text)
		if err := errors.Join(err, file.Close()); err != nil {
			return "", fmt.Errorf("keep a copy: %w", err)
		}
		return name, nil
	}
	return "", fmt.Errorf("keep a copy: %w", fs.ErrExist)
}

// replaceFile puts a new text in place of the old at once, so that a client never reads half of it. The permissions
// stay; a new file is its owner's alone, since it may hold a key.
func replaceFile(path string, text []byte) (err error) {
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".robutler-*")
	if err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(fresh.Name()) // the first error says it all
		}
	}()
	_, err = fresh.Write(text)
	if err := errors.Join(err, fresh.Chmod(mode), fresh.Sync(), fresh.Close()); err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	if err := os.Rename(fresh.Name(), path); err != nil {
		return fmt.Errorf("write it: %w", err)
	}
	return nil
}
