package config

import "log/slog"

// Secret is a value that never prints: not by fmt, not as JSON, not in a log.
type Secret struct{ value string }

const redacted = "[redacted]"

// NewSecret keeps a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal gives the value to the one place that sends it.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.value == "" }

// String gives a placeholder.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return redacted
}

// GoString gives a placeholder to %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText gives a placeholder to encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue gives a placeholder to log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
