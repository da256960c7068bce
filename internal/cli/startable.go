package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

// startable reports why a server would not start with settings of a client, as far as nothing has to be opened for it.
func startable(settings *config.Config) error {
	if _, err := offlineSelection(settings); err != nil {
		return err
	}
	if _, err := newGate(settings, nil, nil, nil); err != nil {
		return err
	}
	if _, _, err := telemetry.OpenLog(telemetry.LogOptions{Level: settings.LogLevel, Format: settings.LogFormat, Stderr: io.Discard}); err != nil {
		return err //nolint:wrapcheck // it names the setting
	}
	if err := checkPlatform(settings); err != nil {
		return err
	}
	whole := slices.DeleteFunc(slices.Clone(settings.UploadRoots), func(folder string) bool { return !filepath.IsAbs(folder) })
	return checkRoots(whole) // of the others nobody knows here where they begin
}

// checkPlatform reports why the platform that the settings name could not be called.
func checkPlatform(settings *config.Config) error {
	if !settings.Sandbox {
		return checkCalls(settings, settings.BaseURL)
	}
	if _, err := sandbox.ParseProfile(settings.SandboxProfile); err != nil {
		return fmt.Errorf("set the sandbox profile: %w", err)
	}
	return checkCalls(settings, client.DefaultBaseURL)
}

// checkCalls reports why a platform at an address could not be called the way that the settings say.
func checkCalls(settings *config.Config, address string) error {
	none := func(context.Context) (string, error) { return "", errors.New("nothing is called") }
	_, err := client.New(client.WithKeySource(none), client.WithBaseURL(address),
		client.WithTimeout(settings.Timeout), client.WithMaxRetries(settings.MaxRetries))
	return err //nolint:wrapcheck // it names the setting
}

// checkRoots reports why a server would not start with folders to upload from.
func checkRoots(folders []string) error {
	roots, err := tools.OpenUploadRoots(folders)
	if err != nil {
		return err //nolint:wrapcheck // it names the folder
	}
	return roots.Close() //nolint:wrapcheck // a folder that was opened is closed
}
