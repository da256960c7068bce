package config

import (
	"path/filepath"
	"strings"
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

func completed(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
