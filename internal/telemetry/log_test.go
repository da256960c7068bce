package telemetry

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func knowing(secrets ...string) *Redactor {
	r := NewRedactor()
	for _, secret := range secrets {
		r.KeepCredential(secret)
	}
	return r
}

const canary = "my-live-canary-key"

func TestNoSecretPassesThroughTheLog(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var output bytes.Buffer
		logger, closeLog, err := OpenLog(LogOptions{Level: "debug", Format: format, Stderr: &output, Redactor: knowing(canary, "")})
		if err != nil {
			t.Fatal(err)
		}
		logger.With("key", canary).WithGroup("g").Info("message with "+canary,
			"error", errors.New("dial with "+canary), "shape", "Bearer abcdefghijkl", "list", []string{canary, "rok_0123456789"},
			slog.Group("inner", slog.String("token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln")), "number", 5)
		if err := closeLog(); err != nil {
			t.Error(err)
		}
		for _, secret := range []string{"canary", "abcdefghijkl", "rok_0", "eyJ"} {
			if strings.Contains(output.String(), secret) {
				t.Errorf("%s: %s in %s", format, secret, output.String())
			}
		}
		if !strings.Contains(output.String(), "message with [redacted]") || strings.Count(output.String(), "\n") != 1 {
			t.Errorf("%s: %s", format, output.String())
		}
	}
}

func TestLogOptions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	logger, closeLog, err := OpenLog(LogOptions{Level: "WARN", Format: "text", File: path})
	if err != nil {
		t.Fatal(err)
	}
	logger.Info("too quiet")
	logger.Warn("loud\x1b[31m\nenough")
	if err := closeLog(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "quiet") || strings.ContainsAny(string(data), "\x1b") || strings.Count(string(data), "\n") != 1 {
		t.Errorf("%q, %v", data, err)
	}
	for _, bad := range []LogOptions{{Level: "loud", Format: "text"}, {Level: "info", Format: "xml"}, {Level: "info", Format: "text", File: "/no/such/folder/log"}} {
		if _, _, err := OpenLog(bad); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}
