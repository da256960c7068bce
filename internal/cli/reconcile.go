package cli

import (
	"context"
	"fmt"

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
			return keyMade(keys, name)
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

// keyMade judges by the name alone: the platform's clock and this one may differ, and names may be used twice.
func keyMade(keys []client.APIKey, name string) (consent.State, string) {
	var named []string
	for i := range keys {
		if keys[i].Name == name {
			named = append(named, keys[i].ID)
		}
	}
	switch len(named) {
	case 0:
		return consent.Rejected, "the account has no key of that name"
	case 1:
		return consent.Succeeded, fmt.Sprintf("the key %s bears the name, and its secret was lost: delete it and make another", named[0])
	default:
		return consent.Unknown, ""
	}
}
