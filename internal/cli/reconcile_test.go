package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/consent"
)

// TestAnOldKeyIsNotTheOneJustMade: a key that is called so is said to be deleted.
func TestAnOldKeyIsNotTheOneJustMade(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	key := func(id, name string, after time.Duration) client.APIKey {
		created := sent.Add(after)
		return client.APIKey{ID: id, Name: name, CreatedAt: &created}
	}
	undated := client.APIKey{ID: "undated", Name: "ci"}
	old, fresh := key("old", "ci", -2*365*24*time.Hour), key("fresh", "ci", time.Second)
	for name, test := range map[string]struct {
		keys []client.APIKey
		want consent.State
		id   string
	}{
		"none":                    {nil, consent.Rejected, ""},
		"of another name":         {[]client.APIKey{key("other", "x", 0)}, consent.Rejected, ""},
		"made then":               {[]client.APIKey{fresh}, consent.Succeeded, "fresh"},
		"by a clock that is slow": {[]client.APIKey{key("fresh", "ci", -30*time.Second)}, consent.Succeeded, "fresh"},
		"an old one":              {[]client.APIKey{old}, consent.Unknown, ""},
		"an old one and it":       {[]client.APIKey{old, fresh}, consent.Succeeded, "fresh"},
		"a later one":             {[]client.APIKey{key("later", "ci", time.Hour)}, consent.Unknown, ""},
		"two":                     {[]client.APIKey{fresh, key("second", "ci", 2*time.Second)}, consent.Unknown, ""},
		"nobody knows when":       {[]client.APIKey{undated}, consent.Unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, detail := keyMade(test.keys, "ci", sent, sent.Add(consent.CallTimeout))
			if state != test.want || !strings.Contains(detail, test.id) || strings.Contains(detail, "old") {
				t.Errorf("%s: %s", state, detail)
			}
		})
	}
}
