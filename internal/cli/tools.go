package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

func newTools(streams Streams) *cobra.Command {
	settings := &config.Config{}
	var asJSON, asMarkdown, asStats bool
	command := &cobra.Command{
		Use:   "tools",
		Short: "Show the catalog, offline and without a key",
		Long: "Shows the tools that the flags offer to a model: as a table, or as JSON or Markdown with all that a model is told,\n" +
			"or what they cost a model to read.",
		Example: "  robutler-mcp tools --toolsets agents,content:ro\n  robutler-mcp tools --json --toolsets all",
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if (asJSON && asMarkdown) || (asJSON && asStats) || (asMarkdown && asStats) {
				return usage(errors.New("only one of --json, --md and --stats can be given"))
			}
			catalog, err := offlineCatalog(command, settings, streams)
			if err != nil {
				return err
			}
			render := catalog.WriteTable
			switch {
			case asJSON:
				render = catalog.WriteJSON
			case asMarkdown:
				render = catalog.WriteMarkdown
			case asStats:
				render = catalog.WriteStats
			}
			return write(streams.Out, render)
		},
	}
	settings.AddShared(command.Flags())
	command.Flags().BoolVar(&asJSON, "json", false, "names, descriptions, schemas and hints as JSON")
	command.Flags().BoolVar(&asMarkdown, "md", false, "the tool reference as Markdown")
	command.Flags().BoolVar(&asStats, "stats", false, "count, bytes and estimated tokens as a model sees them")
	config.FlagOnly(command.Flags(), "json", "md", "stats")
	return command
}

func write(to io.Writer, render func(io.Writer) error) error {
	if err := render(to); err != nil {
		return fmt.Errorf("print the catalog: %w", err)
	}
	return nil
}

// offlineCatalog builds the catalog without a key: nothing of it is called.
func offlineCatalog(command *cobra.Command, settings *config.Config, streams Streams) (*tools.Catalog, error) {
	if err := settings.LoadWithoutKey(command.Flags(), streams.Environment); err != nil {
		return nil, usage(err)
	}
	return offlineSelection(settings)
}

// offlineSelection gives the tools that the settings select.
func offlineSelection(settings *config.Config) (*tools.Catalog, error) {
	none := func(context.Context) (string, error) { return "", errors.New("the catalog is shown offline") }
	platform, err := client.New(client.WithKeySource(none), client.WithBaseURL(client.DefaultBaseURL))
	if err != nil {
		return nil, fmt.Errorf("build the catalog: %w", err)
	}
	all, err := tools.NewCatalog(tools.Platform{Client: platform})
	if err != nil {
		return nil, fmt.Errorf("build the catalog: %w", err)
	}
	selected, err := all.Select(filterOf(settings))
	if err != nil {
		return nil, usage(err)
	}
	return selected, nil
}
