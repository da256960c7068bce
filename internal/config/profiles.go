package config

import (
	"os"

	"go.yaml.in/yaml/v3"
)

// Profiles gives the names of the profiles of a configuration file, for completion: none where it cannot be read.
func Profiles(path string) []string {
	var file struct {
		Profiles map[string]any `yaml:"profiles"`
	}
	data, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if err != nil || yaml.Unmarshal(data, &file) != nil {
		return nil
	}
	return sortedKeys(file.Profiles)
}
