package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
)

// IsPath reports whether a setting's value names a file or folder.
func IsPath(setting, value string) bool {
	switch setting {
	case "sandbox-db", "journal":
		return value != "" && value != MemoryDatabase && !strings.Contains(value, "://")
	case "api-key-file", "config", "log-file", "oidc-keys", "seed", "tls-cert", "tls-key", "upload-root":
		return value != ""
	default:
		return false
	}
}

// within completes the paths of a setting that a file in a folder gives.
func within(folder, setting string, value any) any {
	switch value := value.(type) {
	case string:
		if setting == "api-key-command" {
			program, arguments, more := strings.Cut(value, ",")
			if !isNamedByPath(program) {
				return value
			}
			if program = completed(folder, program); more {
				program += "," + arguments
			}
			return program
		}
		if IsPath(setting, value) {
			return completed(folder, value)
		}
	case []any:
		items := make([]any, 0, len(value))
		for i, item := range value {
			text, ok := item.(string)
			if ok && (IsPath(setting, text) || (setting == "api-key-command" && i == 0 && isNamedByPath(text))) {
				item = completed(folder, text)
			}
			items = append(items, item)
		}
		return items
	}
	return value
}

// isNamedByPath tells a program with a path from one that is looked for in PATH.
func isNamedByPath(program string) bool { return filepath.Base(program) != program }

// completed gives a path that a file in a folder names; one in the user's own folder is completed by [atHome].
func completed(folder, path string) string {
	if filepath.IsAbs(path) || isAtHome(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// isAtHome reports whether a path begins in the user's own folder, as shells write it. They fill it in only in some
// places, and nobody does in a file or in what a client passes on.
func isAtHome(path string) bool {
	return strings.HasPrefix(path, "~/") || strings.HasPrefix(path, "~"+string(filepath.Separator))
}

// atHome puts the user's own folder in place of the sign for it.
func atHome(environment Environment, path string) (string, error) {
	if !isAtHome(path) {
		return path, nil
	}
	home, ok := environment("HOME")
	if !ok || home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return "", fmt.Errorf("find the folder that ~ stands for in %s: %w", path, err)
		}
	}
	return filepath.Join(home, path[len("~/"):]), nil
}

// completeHomes puts the user's own folder into all settings that name a path in it.
func completeHomes(flags *pflag.FlagSet, environment Environment) error {
	var faults []error
	flags.VisitAll(func(flag *pflag.Flag) {
		var items []string
		list, isList := flag.Value.(pflag.SliceValue)
		if isList {
			items = list.GetSlice()
		} else {
			items = []string{flag.Value.String()}
		}
		changed := false
		for i, item := range items {
			if !IsPath(flag.Name, item) && (flag.Name != "api-key-command" || i > 0) {
				continue
			}
			path, err := atHome(environment, item)
			if faults = append(faults, err); err != nil || path == item {
				continue
			}
			items[i], changed = path, true
		}
		switch {
		case changed && isList:
			faults = append(faults, list.Replace(items))
		case changed:
			faults = append(faults, flag.Value.Set(items[0]))
		}
	})
	return errors.Join(faults...)
}
