package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Remove takes the entry out of a configuration. It is no error when it is not there. A file that Install made, and
// that nobody has added to but a key, goes as a whole, and so do the client's folders that are empty then; a copy is kept
// of one with a key.
func (c Client) Remove(m Machine, path string, now time.Time) (Change, error) {
	text, ok := regularFile(path)
	made, withKey := c.written(text)
	if !ok || !made {
		return c.edit(path, now, "remove", func(e editor, text []byte) ([]byte, error) {
			if there, err := c.holds(e, text); err != nil || !there {
				return text, err
			}
			return e.remove(text, []string{c.section, ServerName})
		})
	}
	done := Change{Path: path, Changed: true, Deleted: true}
	if withKey {
		var err error
		if done.Backup, err = backUp(path, text, now); err != nil {
			return Change{}, fmt.Errorf("remove robutler from %s: %w", path, err)
		}
	}
	if err := os.Remove(path); err != nil {
		return Change{}, fmt.Errorf("remove robutler from %s: %w", path, err)
	}
	c.removeFolders(m, path)
	return done, nil
}

// holds reports whether a text has an entry, be it of use or not.
func (c Client) holds(e editor, text []byte) (bool, error) {
	root, err := e.read(text)
	servers, _ := root[c.section].(map[string]any)
	_, there := servers[ServerName]
	return there, err //nolint:wrapcheck // it says what is wrong
}

// regularFile reads a file that is none elsewhere, to which a link leads.
func regularFile(path string) (text []byte, ok bool) {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	text, err = os.ReadFile(path) //nolint:gosec // a client's own configuration
	return text, err == nil
}

// written reports whether a text is what Install writes where there was nothing, and whether there is a key in it.
func (c Client) written(text []byte) (made, withKey bool) {
	entry, ok, err := c.read(c.format.editor(), text)
	if err != nil || !ok {
		return false, false
	}
	for _, value := range entry.Environment {
		withKey = withKey || value != Placeholder
	}
	snippet, err := c.Snippet(entry)
	return err == nil && string(text) == snippet, withKey
}

// removeFolders takes the folders of a file that is gone, as far as they are empty: up to the user's own, or, of a file
// that is not at its usual place, the one folder that a client has in a project. Others may have been empty before.
func (c Client) removeFolders(m Machine, path string) {
	folder := filepath.Dir(path)
	if path != c.Path(m) {
		if strings.HasPrefix(filepath.Base(folder), ".") {
			removeEmpty(folder)
		}
		return
	}
	for isBelow(m.Home, folder) && removeEmpty(folder) {
		folder = filepath.Dir(folder)
	}
}

func isBelow(above, folder string) bool {
	relative, err := filepath.Rel(above, folder)
	return err == nil && filepath.IsLocal(relative) && relative != "."
}

// removeEmpty removes a folder that holds nothing. It leaves a link to one.
func removeEmpty(folder string) bool {
	info, err := os.Lstat(folder)
	return err == nil && info.IsDir() && os.Remove(folder) == nil
}
