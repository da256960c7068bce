package consent

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// DefaultFolder is the folder of the user's data where journal and audit trail lie unless the user says otherwise.
func DefaultFolder() (string, error) {
	if folder := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "robutler-mcp"), nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		folder, err := os.UserConfigDir()
		if err != nil {
			return "", fmt.Errorf("find the user's data folder: %w", err)
		}
		return filepath.Join(folder, "robutler-mcp"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the user's data folder: %w", err)
	}
	return filepath.Join(home, ".local", "share", "robutler-mcp"), nil
}
