package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
)

// findKey takes the API key from the file that a flag named, else from the environment, else from the file that the
// environment or the configuration named.
func (c *Config) findKey(fileGiven bool, environment Environment) error {
	if !fileGiven {
		for _, variable := range []string{client.KeyVariable, client.KeyAliasVariable} {
			value, _ := environment(variable)
			value = strings.TrimSpace(value)
			if value == "" {
				continue
			}
			if strings.HasPrefix(value, "${") {
				c.KeyProblem = variable + " holds an unexpanded ${...}: put the key itself there"
				return nil
			}
			c.Key = NewSecret(value)
			return nil
		}
	}
	if c.APIKeyFile == "" {
		c.KeyProblem = "set " + client.KeyVariable + " to your API key, or use --sandbox"
		return nil
	}
	key, err := readKeyFile(c.APIKeyFile)
	if err != nil {
		return err
	}
	c.Key = key
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
