package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/consent"
)

// reconcilers read back what became of calls whose outcome is unknown, where the platform tells. It lists API keys by
// their names. Of payments it lists none by their cause, so that those stay for people to decide.
func reconcilers(platform *client.Client) map[string]consent.Reconciler {
	return map[string]consent.Reconciler{
		"create_api_key": func(ctx context.Context, entry consent.Entry) (consent.State, string) {
			name, _ := entry.Preview.After["name"].(string)
			keys, err := platform.APIKeys.List(ctx)
			if err != nil {
				return consent.Unknown, ""
			}
			return keyMade(keys, name, entry.SentAt, entry.EndsAt)
		},
		"delete_api_key": func(ctx context.Context, entry consent.Entry) (consent.State, string) {
			keys, err := platform.APIKeys.List(ctx)
			if err != nil {
				return consent.Unknown, ""
			}
			for i := range keys {
				if keys[i].ID == entry.Preview.Target {
					return consent.Rejected, "the key is still there"
				}
			}
			return consent.Succeeded, "the key is gone"
		},
	}
}

// clockMargin is how far the platform's clock may be from this one.
const clockMargin = time.Minute

// keyMade judges by the name and by when a key was made. Names may be used twice, so that a key which is not known to be
// of the time of the call proves nothing: it may be in use, and must not be called the one whose secret was lost.
func keyMade(keys []client.APIKey, name string, sent, ends time.Time) (consent.State, string) {
	named, made := 0, ""
	for i := range keys {
		if keys[i].Name != name {
			continue
		}
		named++
		if created := keys[i].CreatedAt; created != nil && created.After(sent.Add(-clockMargin)) && created.Before(ends.Add(clockMargin)) {
			if made != "" {
				return consent.Unknown, ""
			}
			made = keys[i].ID
		}
	}
	switch {
	case named == 0:
		return consent.Rejected, "the account has no key of that name"
	case made != "":
		return consent.Succeeded, fmt.Sprintf("the key %s bears the name and was made then, and its secret was lost: delete it and make another", made)
	default:
		return consent.Unknown, ""
	}
}
