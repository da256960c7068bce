package config

import "testing"

func TestPasswordsOfAddressesAreHidden(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"postgres://u:hunter2@host/j":          "postgres://u:xxxxx@host/j",
		"postgres://u:hunter2@host:port/j":     "postgres://u:xxxxx@host:port/j",
		"postgres://u:hun@ter%2@host/j":        "postgres://u:xxxxx@host/j",
		"postgres://u@host/j":                  "postgres://u@host/j",
		"postgres://u:12/ss@host/j":            "postgres://u:xxxxx@host/j",
		"postgres://u@host/j?password=hunter2": "postgres://u@host/j?password=xxxxx",
		"https://host/path@x":                  "https://host/path@x",
		"https://robutler.ai":                  "https://robutler.ai",
		"/var/lib/robutler/journal@home.db":    "/var/lib/robutler/journal@home.db",
		"mail@example.com":                     "mail@example.com",
	} {
		if got := WithoutPassword(value); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}
