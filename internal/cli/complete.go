package cli

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

// completionTime bounds what a person waits for after a press of the tab key.
const completionTime = 2 * time.Second

// completeCall completes the names of tools, of their arguments, the values that an argument may have, the names of agents
// and paths.
func completeCall(streams Streams, settings *config.Config) cobra.CompletionFunc {
	return func(command *cobra.Command, given []string, typed string) ([]string, cobra.ShellCompDirective) {
		if settings.LoadWithoutKey(command.Flags(), streams.Environment) != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		everything(settings)
		catalog, err := offlineSelection(settings)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if len(given) == 0 {
			return completeTools(catalog), cobra.ShellCompDirectiveNoFileComp
		}
		tool, err := catalog.Find(given[0])
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		properties, err := propertiesOf(tool)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		name, begun, assigned := strings.Cut(typed, "=")
		if !assigned {
			return completeArguments(properties, given[1:]), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		values, directive := properties[name].values(), cobra.ShellCompDirectiveNoFileComp
		switch name {
		case "agent":
			values = agentNames(command, settings, streams)
		case "path":
			if values = completePath(settings.UploadRoots, begun); slices.ContainsFunc(values, isFolder) {
				directive |= cobra.ShellCompDirectiveNoSpace // a name follows
			}
		}
		completions := make([]string, 0, len(values))
		for _, value := range values {
			completions = append(completions, name+"="+value)
		}
		return completions, directive
	}
}

func isFolder(completion string) bool { return os.IsPathSeparator(completion[len(completion)-1]) }

func completeTools(catalog *tools.Catalog) []string {
	var names []string
	for _, tool := range catalog.Tools() {
		names = append(names, cobra.CompletionWithDesc(tool.Name, tool.Title))
	}
	return names
}

// property is what completion needs of an argument's schema.
type property struct {
	Type        any    `json:"type"`
	Description string `json:"description"`
	Enum        []any  `json:"enum"`
}

// values gives all values that an argument may have, where they are few.
func (p property) values() []string {
	if p.Type == "boolean" {
		return []string{"true", "false"}
	}
	var values []string
	for _, value := range p.Enum {
		if text, ok := value.(string); ok {
			values = append(values, text)
		}
	}
	return values
}

func propertiesOf(tool tools.Tool) (map[string]property, error) {
	var input struct {
		Properties map[string]property `json:"properties"`
	}
	err := json.Unmarshal(tool.Input.JSON(), &input)
	return input.Properties, err //nolint:wrapcheck // completion tells nobody
}

// completeArguments gives the arguments that are not given yet.
func completeArguments(properties map[string]property, given []string) []string {
	var names []string
	for name, described := range properties {
		if !slices.ContainsFunc(given, func(pair string) bool { return strings.HasPrefix(pair, name+"=") }) {
			names = append(names, cobra.CompletionWithDesc(name+"=", described.Description))
		}
	}
	slices.Sort(names)
	return names
}

// agentNames asks the platform for the names of the user's agents. Without an answer there are none.
func agentNames(command *cobra.Command, settings *config.Config, streams Streams) []string {
	ctx, cancel := context.WithTimeout(command.Context(), completionTime)
	defer cancel()
	settings.MaxRetries, settings.LogLevel = 0, "error"
	r, err := openSession(command, settings, streams)
	if err != nil {
		return nil
	}
	defer func() { _ = r.close() }() // completion tells nobody
	result, failed := r.server.Call(ctx, "list_agents", json.RawMessage(`{"limit":50}`))
	if failed != nil {
		return nil
	}
	var page struct {
		Agents []struct {
			Name string `json:"name"`
		} `json:"agents"`
	}
	if json.Unmarshal(result.Structured, &page) != nil {
		return nil
	}
	var names []string
	for _, agent := range page.Agents {
		names = append(names, agent.Name)
	}
	return names
}
