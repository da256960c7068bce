package tools

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// The bounds of a search for the agent that was meant.
const (
	maxGuesses    = 3
	maxCandidates = 100
)

// agentNameShape is a name that is safe to repeat in an error: agents' owners choose names.
const agentNameShape = `^[a-z0-9][a-z0-9_.-]{0,63}$`

// missingAgent adds to the error of a call about an agent that does not exist the names that are near, from the user's
// own agents and from the public ones. Other errors stay as they are.
func (p Platform) missingAgent(ctx context.Context, reference string, err error) error {
	if !errors.Is(err, client.ErrNotFound) || ctx.Err() != nil {
		return err
	}
	told := *Explain(err)
	told.ValidValues = nearestNames(reference, p.agentNames(ctx, reference))
	if len(told.ValidValues) > 0 {
		told.Message += "; did you mean " + strings.Join(told.ValidValues, ", ") + "?"
	}
	return &told
}

// findAgent gets an agent by id or name; the error of one that does not exist names those that are near.
func (p Platform) findAgent(ctx context.Context, reference string) (*client.Agent, error) {
	agent, err := p.Client.Agents.Get(ctx, reference)
	return agent, p.missingAgent(ctx, reference, err)
}

// agreedAgent gets the agent that a call is about to be made for: the one that was shown to whoever agreed. A platform may
// take its id for the name of another.
func (p Platform) agreedAgent(ctx context.Context, reference string) (*client.Agent, error) {
	agent, err := p.findAgent(ctx, targetOf(ctx, reference))
	if err != nil {
		return nil, notSent(err)
	}
	if shown := targetOf(ctx, ""); shown != "" && !sameID(agentRow(agent).ID, shown) {
		return nil, notSent(&Error{
			Code: CodeConflict, Message: "the platform now gives another agent for the id that was shown",
			NextStep: NothingSent + " Tell the user. Call again without confirmation and show them what comes back; do not go on if it is another agent.",
		})
	}
	return agent, nil
}

// uuidShape is that of ids which are the same in upper and in lower case.
const uuidShape = `(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`

func sameID(id, other string) bool {
	return id == other || (strings.EqualFold(id, other) && regexp.MustCompile(uuidShape).MatchString(id))
}

// agreedReference names the agent that a call is about to be made for, where somebody was shown one: by its id.
func (p Platform) agreedReference(ctx context.Context, reference string) (string, error) {
	if targetOf(ctx, "") == "" {
		return reference, nil
	}
	agent, err := p.agreedAgent(ctx, reference)
	if err != nil {
		return "", err
	}
	return agent.ID, nil
}

// agentNames gives names to compare a reference with. What cannot be had is left out: this only words an error.
func (p Platform) agentNames(ctx context.Context, reference string) []string {
	var found []client.Agent
	if page, err := p.Client.Agents.List(ctx, client.AgentListOptions{Limit: maxCandidates}); err == nil {
		found = page.Items
	}
	anyFit := 0.0
	words := strings.NewReplacer("-", " ", "_", " ", ".", " ").Replace(reference)
	matches, err := p.Client.Agents.Search(ctx, words, client.AgentSearchOptions{MaxResults: maxCandidates, MinSimilarity: &anyFit})
	if err == nil {
		for i := range matches {
			found = append(found, matches[i].Agent)
		}
	}
	shape := regexp.MustCompile(agentNameShape)
	var names []string
	for i := range found {
		if name := found[i].Name; shape.MatchString(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// nearestNames gives the names that a reference was probably meant to be, the nearest first.
func nearestNames(reference string, names []string) []string {
	var nearest []string
	for len(nearest) < maxGuesses {
		name, ok := schema.Nearest(reference, names)
		if !ok {
			break
		}
		nearest = append(nearest, name)
		names = slices.DeleteFunc(slices.Clone(names), func(other string) bool { return other == name })
	}
	return nearest
}
