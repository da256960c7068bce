// Package telemetry builds the log. It goes to stderr or a file, never to stdout, and no secret passes through it.
package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"os"
)

// LogOptions say what to log and where.
type LogOptions struct {
	// Level is debug, info, warn or error.
	Level string
	// Format is text or json.
	Format string
	// File is appended to; empty for Stderr.
	File   string
	Stderr io.Writer
	// Secrets are values that must not appear in any line.
	Secrets []string
}

// OpenLog builds a logger, and a function that closes its file.
func OpenLog(options LogOptions) (logger *slog.Logger, closeLog func() error, err error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(options.Level)); err != nil {
		return nil, nil, fmt.Errorf("set log level: %q is none of debug, info, warn, error", options.Level)
	}
	output, closeLog := options.Stderr, func() error { return nil }
	if options.File != "" {
		file, err := os.OpenFile(options.File, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, fmt.Errorf("open log file: %w", err)
		}
		output, closeLog = file, file.Close
	}
	redact := newRedactor(options.Secrets)
	handlerOptions := &slog.HandlerOptions{Level: level, ReplaceAttr: redact.attribute}
	switch options.Format {
	case "text":
		return slog.New(messageRedactor{slog.NewTextHandler(output, handlerOptions), redact}), closeLog, nil
	case "json":
		return slog.New(messageRedactor{slog.NewJSONHandler(output, handlerOptions), redact}), closeLog, nil
	default:
		return nil, nil, fmt.Errorf("set log format: %q is none of %s", options.Format, "text"+", "+"json")
	}
}
