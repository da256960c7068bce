package config

import (
	"fmt"
	"os"
	"runtime"
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
			c.Key, c.KeyOrigin = NewSecret(value), variable
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
	c.Key, c.KeyOrigin = key, "the file "+c.APIKeyFile
	return nil
}

// readKeyFile reads a key from a file that only its owner may read.
func readKeyFile(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, fmt.Errorf("read API key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Secret{}, fmt.Errorf("read API key: %s can be read by others; run: chmod 600 %s", path, path)
	}
	data, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if err != nil {
		return Secret{}, fmt.Errorf("read API key: %w", err)
	}
	key := strings.TrimSpace(string(data))
	if key == "" {
		return Secret{}, fmt.Errorf("read API key: %s is empty", path)
	}
	return NewSecret(key), nil
}
