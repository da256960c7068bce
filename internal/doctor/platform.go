package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
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
	if err := s.Client.Health(ctx); err != nil && !isAnswer(err) {
		return []Finding{s.explained("reached", err)}
	}
	findings := []Finding{{"reached", OK, "the platform answers", ""}, s.clock()}
	if !s.Settings.Sandbox && s.Settings.Key.Empty() {
		return append(findings, Finding{"account", Skipped, "there is no key to try", ""})
	}
	profile, err := s.Client.User.Get(ctx)
	if err != nil {
		return append(findings, s.explained("account", err))
	}
	findings = append(findings, Finding{"account", OK, "the key is accepted; it is " + owner(profile) + "'s", ""})
	return append(findings, s.generation(ctx))
}

// isAnswer reports whether an error of the health route shows that the platform is there: it may not have that route, and
// the embedded one refuses a key that it does not know on every route, which is for the check of the account to say.
func isAnswer(err error) bool {
	answers := []error{client.ErrUnsupported, client.ErrNotFound, client.ErrUnauthorized}
	return slices.ContainsFunc(answers, func(answer error) bool { return errors.Is(err, answer) })
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
		return s.explained("generation", err)
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
		return Finding{
			"clock", Failed, fmt.Sprintf("this machine's clock is %s the platform's by %s", relation(skew), rounded(skew)),
			"Set this machine's clock: tokens and signed payments hold for minutes, and are refused.",
		}
	default:
		return Finding{"clock", OK, "agrees with the platform's", ""}
	}
}

// relation says on which side of the platform's clock this machine's is. The skew is how far the platform is ahead.
func relation(skew time.Duration) string {
	if skew < 0 {
		return "ahead of"
	}
	return "behind"
}

// rounded words a time as people do: nobody sets a clock by the second who is off by minutes.
func rounded(skew time.Duration) string {
	minutes := int(skew.Abs().Round(time.Minute) / time.Minute)
	const hour, day = 60, 24 * 60
	switch {
	case minutes >= 2*day:
		return fmt.Sprintf("%d days", minutes/day)
	case minutes >= 2*hour:
		return fmt.Sprintf("%d hours", minutes/hour)
	default:
		return fmt.Sprintf("%d minutes", minutes)
	}
}

// catalog tells what a model gets, and what it costs it to read.
func (s Subject) catalog() Finding {
	catalog, err := s.Tools()
	if err != nil {
		return Finding{"tools", Failed, err.Error(), "Correct --toolsets, --tools, --exclude-tools, --read-only or --no-money; robutler-mcp tools lists what there is."}
	}
	offered := catalog.Tools()
	size := 0
	for _, tool := range offered {
		size += tool.ModelBytes()
	}
	return Finding{"tools", OK, fmt.Sprintf("%d tools of the toolsets %s: %d bytes in tools/list, about %d tokens of a model's context",
		len(offered), strings.Join(catalog.Toolsets(), ", "), size, catalog.Tokens()), ""}
}

// journal tells where calls that move money are kept, and whether they can be.
func (s Subject) journal(ctx context.Context) Finding {
	catalog, err := s.Tools()
	if err == nil && !slices.ContainsFunc(catalog.Tools(), func(tool tools.Tool) bool { return s.Journals(tool.Class) }) {
		return Finding{"journal", Skipped, "no tool on offer needs it", ""}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if err := s.Journal(ctx); err != nil {
		return Finding{
			"journal", Failed,
			fmt.Sprintf("%s cannot be written, so that calls which move money are refused: %s", s.JournalPlace, strings.Join(strings.Fields(err.Error()), " ")),
			"Look at the disk or the database, or name another place with --journal.",
		}
	}
	if s.JournalPlace == config.MemoryDatabase {
		return Finding{"journal", OK, "in memory, where it ends with the server", ""}
	}
	return Finding{"journal", OK, s.JournalPlace + " can be written", ""}
}
