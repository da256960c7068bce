// Package telemetry is what can be seen of a running server from outside: its log, its metrics, its traces and its
// profiles. None of it goes to stdout, and no secret passes through it.
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
	// File is appended to, whatever becomes of what is in it, so that log rotation may copy and truncate it. Empty for Stderr.
	File   string
	Stderr io.Writer
	// Redactor takes secrets out of every record; nil for one that knows shapes alone.
	Redactor *Redactor
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
	redactor := options.Redactor
	if redactor == nil {
		redactor = NewRedactor()
	}
	handlerOptions := &slog.HandlerOptions{Level: level, ReplaceAttr: redactor.attribute}
	switch options.Format {
	case "text":
		return slog.New(slog.NewTextHandler(output, handlerOptions)), closeLog, nil
	case "json":
		return slog.New(slog.NewJSONHandler(output, handlerOptions)), closeLog, nil
	default:
		return nil, nil, fmt.Errorf("set log format: %q is none of %s", options.Format, "text, json")
	}
}
