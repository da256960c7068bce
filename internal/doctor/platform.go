package doctor

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// maxClockSkew is more than tokens and signatures commonly allow.
const maxClockSkew = 4 * time.Minute

// platform asks the platform itself.
func (s Subject) platform(ctx context.Context, unreachable bool) []Finding {
	if s.Client == nil || unreachable {
		return []Finding{{"reached", Skipped, "the way there is not clear", ""}}
	}
	ctx, cancel := context.WithTimeout(ctx, 3*checkTime)
	defer cancel()
	if err := s.Client.Health(ctx); err != nil && !errors.Is(err, client.ErrUnsupported) && !errors.Is(err, client.ErrNotFound) {
		return []Finding{explained("reached", err)}
	}
	findings := []Finding{{"reached", OK, "the platform answers", ""}, s.clock()}
	if !s.Settings.Sandbox && s.Settings.Key.Empty() {
		return append(findings, Finding{"account", Skipped, "there is no key to try", ""})
	}
	profile, err := s.Client.User.Get(ctx)
	if err != nil {
		return append(findings, explained("account", err))
	}
	findings = append(findings, Finding{"account", OK, "the key is accepted; it is " + owner(profile) + "'s", ""})
	return append(findings, s.generation(ctx))
}

// owner names an account in one line.
func owner(profile *client.UserProfile) string {
	for _, name := range []string{profile.Name, profile.Email, profile.ID} {
		if name != "" {
			return strconv.Quote(name) // it may hold anything
		}
	}
	return "nobody it names"
}

// generation tells what the platform speaks.
func (s Subject) generation(ctx context.Context) Finding {
	if _, err := s.Client.User.Credits(ctx); err != nil {
		return explained("generation", err)
	}
	generation, known := s.Client.PlatformGeneration()
	if !known {
		return Finding{"generation", Skipped, "the platform does not show it", ""}
	}
	return Finding{"generation", OK, fmt.Sprintf("the platform speaks that of %d", generation), ""}
}

func (s Subject) clock() Finding {
	skew, known := s.Client.ClockSkew()
	switch {
	case !known:
		return Finding{"clock", Skipped, "the platform does not tell its time", ""}
	case skew.Abs() > maxClockSkew:
		return Finding{"clock", Warning, "the platform's clock is ahead of this machine's by " + skew.String(), "Set this machine's clock: tokens may be refused."}
	default:
		return Finding{"clock", OK, "agrees with the platform's", ""}
	}
}

// explained words a failure as models and people read it.
func explained(check string, err error) Finding {
	told := tools.Explain(err)
	return Finding{check, Failed, told.Message, told.NextStep}
}

func (s Subject) catalog() Finding {
	count, tokens, err := s.Tools()
	if err != nil {
		return Finding{"tools", Failed, err.Error(), "Correct --toolsets, --tools or --exclude-tools; robutler-mcp tools lists what there is."}
	}
	found := Finding{"tools", OK, fmt.Sprintf("%d tools, about %d tokens of a model's context", count, tokens), ""}
	if count == 0 {
		found.Status, found.Fix = Warning, "The settings leave no tool: see --toolsets, --tools, --exclude-tools and --read-only."
	}
	return found
}

func (s Subject) journal(ctx context.Context) Finding {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if err := s.Journal(ctx); err != nil {
		return Finding{"journal", Failed, "it cannot be written, so that calls which move money are refused", "Look at the disk or the database that --journal names: " + err.Error()}
	}
	return Finding{"journal", OK, "can be written", ""}
}
