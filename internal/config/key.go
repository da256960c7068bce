package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// findKey takes the API key from the file or the program that a flag named, else from the environment, else from the file
// or the program that the environment or the configuration named.
func (c *Config) findKey(given bool, environment Environment) error {
	if !given {
		for _, variable := range []string{client.KeyVariable, client.KeyAliasVariable} {
			value, _ := environment(variable)
			value = strings.TrimSpace(value)
			if value == "" {
				continue
			}
			if Blank(value) {
				c.KeyProblem = "fill in the API key in the settings of the extension, or turn on its embedded platform"
				return nil
			}
			if value == clients.Placeholder {
				c.KeyProblem = fmt.Sprintf("put the key itself into %s, which holds %q in its place", variable, value)
				return nil
			}
			if strings.HasPrefix(value, "${") {
				c.KeyProblem = "put the key itself into " + variable + ", which holds an unexpanded ${...}"
				return nil
			}
			c.Key, c.KeyOrigin = NewSecret(value), variable
			return nil
		}
	}
	if c.Sandbox {
		return nil // it has its own, so that nothing is read or run for another
	}
	if c.APIKeyFile == "" && len(c.APIKeyCommand) > 0 {
		return c.runKeyCommand()
	}
	if c.APIKeyFile == "" {
		c.KeyProblem = "set " + client.KeyVariable + " to your API key, or use --sandbox"
		return nil
	}
	key, err := readKeyFile(c.APIKeyFile)
	if err != nil {
		return err
	}
	c.Key, c.KeyOrigin = key, "the file "+c.APIKeyFile
	return nil
}

// SuppliesKey reports whether the settings themselves lead to a key, so that the environment need not hold one.
func (c *Config) SuppliesKey() bool {
	return c.Sandbox || c.APIKeyFile != "" || len(c.APIKeyCommand) > 0
}

// CheckKey reports why the file or the program that is to give the key cannot. The file is read; the program is looked
// for, and does not run.
func (c *Config) CheckKey() error {
	switch {
	case c.Sandbox:
		return nil
	case c.APIKeyFile != "":
		_, err := readKeyFile(c.APIKeyFile)
		return err
	case len(c.APIKeyCommand) > 0:
		return findKeyCommand(c.APIKeyCommand)
	}
	return nil
}

// findKeyCommand reports why there is no program that prints the key. Some write it and its arguments as a shell takes
// them; these are not repeated, since one may be the key.
func findKeyCommand(command []string) error {
	_, err := exec.LookPath(command[0])
	program := programOf(command[0])
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("find the program that prints the API key: %s may not be run", program)
	case program != command[0]:
		return fmt.Errorf("find the program that prints the API key: there is no %q; put commas between a program and its arguments, as in %s,show,name; "+
			"a file may have a list, [%s, show, name]", program+" ...", program, program)
	default:
		return fmt.Errorf("find the program that prints the API key: there is no %s", program)
	}
}

// programOf gives the program of a word that may hold its arguments, too: only a program's own name may have spaces.
func programOf(word string) string {
	parts := strings.Fields(word)
	if _, err := exec.LookPath(word); err == nil || len(parts) < 2 {
		return word
	}
	return parts[0]
}

// keyCommandTime leaves time to unlock a password store.
const keyCommandTime = time.Minute

// runKeyCommand takes the key from what a program prints, a password store's say. What else the program says is the
// user's to see, on stderr.
func (c *Config) runKeyCommand() error {
	if err := findKeyCommand(c.APIKeyCommand); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), keyCommandTime)
	defer cancel()
	program := exec.CommandContext(ctx, c.APIKeyCommand[0], c.APIKeyCommand[1:]...) //nolint:gosec // the user names the program
	program.Stderr = os.Stderr
	printed, err := program.Output()
	if err != nil {
		return fmt.Errorf("read API key: %s fails: %w", c.APIKeyCommand[0], err)
	}
	key, _, _ := strings.Cut(strings.TrimSpace(string(printed)), "\n")
	if key = strings.TrimSpace(key); key == "" {
		return fmt.Errorf("read API key: %s prints nothing", c.APIKeyCommand[0])
	}
	c.Key, c.KeyOrigin = NewSecret(key), "the program "+c.APIKeyCommand[0]
	return nil
}

// readKeyFile reads a key from a file that is private.
func readKeyFile(path string) (Secret, error) {
	data, err := ReadPrivateFile(path)
	if err != nil {
		return Secret{}, fmt.Errorf("read API key: %w", err)
	}
	key := strings.TrimSpace(string(data))
	if key == "" {
		return Secret{}, fmt.Errorf("read API key: %s is empty", path)
	}
	if key == clients.Placeholder {
		return Secret{}, fmt.Errorf("read API key: %s holds %q in place of a key", path, key)
	}
	return NewSecret(key), nil
}

// maxPrivateFile bounds a file of secrets, in bytes.
const maxPrivateFile = 1 << 20

// ReadPrivateFile reads a file of at most 1 MiB that only its owner may read, and refuses one that others can.
func ReadPrivateFile(path string) (data []byte, err error) {
	file, err := os.Open(path) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.Size() > maxPrivateFile:
		return nil, fmt.Errorf("%s is longer than 1 MiB", path)
	case !isPrivate(info):
		return nil, fmt.Errorf("%s can be read by others; run: chmod 600 %s", path, path)
	}
	return io.ReadAll(io.LimitReader(file, maxPrivateFile+1))
}
