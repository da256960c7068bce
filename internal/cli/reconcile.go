package cli

import (
	"context"
	"fmt"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/consent"
)

// reconcilers read back what became of calls whose outcome is unknown, where the platform tells: it lists keys, and what
// was to be deleted is there or not. Of payments it lists none by their cause, so that those stay for people to decide.
func reconcilers(platform *client.Client) map[string]consent.Reconciler {
	return map[string]consent.Reconciler{
		"create_api_key": func(ctx context.Context, entry consent.Entry) (consent.State, string) {
			name, _ := entry.Preview.After["name"].(string)
			keys, err := platform.APIKeys.List(ctx)
			if err != nil {
				return consent.Unknown, ""
			}
			for i := range keys {
				if made := keys[i].CreatedAt; keys[i].Name == name && made != nil && !made.Before(entry.SentAt.Truncate(1e9)) {
					return consent.Succeeded, fmt.Sprintf("the key %s was made, and its secret was lost: delete it and make another", keys[i].ID)
				}
			}
			return consent.Rejected, "the account has no such key"
		},
	}
}
