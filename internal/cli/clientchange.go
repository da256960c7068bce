package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// write puts the entry into the client's file. Where the settings lead to a key, one in the file has had its day.
func (c *clientConfig) write(known clients.Client, path string, entry clients.Entry) error {
	var obsolete []string
	if c.settings.SuppliesKey() && !c.settings.Sandbox {
		obsolete = []string{client.KeyVariable, client.KeyAliasVariable}
	}
	done, err := known.Install(path, entry, time.Now(), obsolete...)
	if errors.Is(err, clients.ErrByHand) {
		snippet, failed := known.Snippet(entry)
		if failed != nil {
			return errors.Join(err, failed)
		}
		return fmt.Errorf("%w\nNothing was changed. What it should say of robutler, to be put in by hand:\n\n%s", err, snippet)
	}
	if err != nil {
		return err //nolint:wrapcheck // it names the file and what failed
	}
	if !done.Changed {
		fmt.Fprintf(c.streams.Out, "%s is as it should be\n", done.Path)
	} else {
		c.told(done, "wrote", known.Next)
	}
	if len(done.Dropped) > 0 {
		fmt.Fprintf(c.streams.Err, "The %s that stood there is taken out: what the server is started with leads to a key. The copy still holds it; delete it once the server works.\n",
			strings.Join(done.Dropped, " and the "))
	}
	c.remind(known, done.Path)
	return nil
}

// remind says what is left to do in a client's file.
func (c *clientConfig) remind(known clients.Client, path string) {
	entry, ok, err := known.Read(path)
	if err != nil || !ok {
		return
	}
	if entry.Environment[client.KeyVariable] == clients.Placeholder {
		fmt.Fprintf(c.streams.Err, "Put your API key in place of %q in that file; keys are made at https://robutler.ai/developer.\n", clients.Placeholder)
	}
	if entry.Off {
		fmt.Fprintf(c.streams.Err, "robutler is switched off there, and stays so: switch it on in %s.\n", known.Title)
	}
}

// takeOut takes the entry out of the client's file.
func (c *clientConfig) takeOut(known clients.Client, machine clients.Machine, path string) error {
	done, err := known.Remove(machine, path, time.Now())
	if errors.Is(err, clients.ErrByHand) {
		return fmt.Errorf("%w\nNothing was changed. Take %s out of it by hand", err, clients.ServerName)
	}
	if err != nil {
		return err //nolint:wrapcheck // it names the file and what failed
	}
	if !done.Changed {
		state := "does not know robutler"
		if _, err := os.Stat(done.Path); errors.Is(err, os.ErrNotExist) {
			state = "is not there"
		}
		fmt.Fprintf(c.streams.Out, "%s %s: there is nothing to remove\n", done.Path, state)
		return nil
	}
	if done.Deleted {
		c.told(done, "deleted, for it held nothing but robutler:", cmp.Or(known.Gone, known.Next))
		return nil
	}
	c.told(done, "removed robutler from", cmp.Or(known.Gone, known.Next))
	return nil
}

// told says what was done, where what was there is kept, and what is next.
func (c *clientConfig) told(done clients.Change, did, next string) {
	fmt.Fprintf(c.streams.Out, "%s %s\n", did, done.Path)
	if done.Backup != "" {
		fmt.Fprintf(c.streams.Out, "a copy of what was there is %s\n", done.Backup)
	}
	fmt.Fprintln(c.streams.Err, next)
}
