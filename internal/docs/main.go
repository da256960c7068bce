// Command docs writes the generated parts of the documentation: the README's table of toolsets and client snippet, the
// references of tools, clients, operations and metrics, the programs that guides show, and what other programs read of
// this one to install it. Its tests hold all pages to what there is: links, command lines, findings of doctor.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/cli"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

func main() {
	if err := errors.Join(generate("README.md", "docs"), writeBundles(".")); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

// generate writes the README's generated parts and the generated pages anew.
func generate(readme, folder string) error {
	page, err := os.ReadFile(readme) //nolint:gosec // the caller names it
	if err != nil {
		return fmt.Errorf("read the README: %w", err)
	}
	if page, err = fill(page); err != nil {
		return err
	}
	pages, err := generatedPages()
	if err != nil {
		return err
	}
	if pages["client.md"], err = clientGuide(filepath.Dir(readme)); err != nil {
		return err
	}
	if pages["../client/api.txt"], err = exportedAPI(filepath.Join(filepath.Dir(readme), "client")); err != nil {
		return err
	}
	pages[readme] = page
	shown, err := guides(filepath.Dir(readme))
	if err != nil {
		return err
	}
	maps.Copy(pages, shown)
	for name, text := range pages {
		if _, whole := shown[name]; name != readme && !whole {
			name = filepath.Join(folder, name)
		}
		if err := os.WriteFile(name, text, 0o644); err != nil { //nolint:gosec // documentation is for everybody
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// generatedPages are the pages that are generated whole, by their names.
func generatedPages() (map[string][]byte, error) {
	reference, err := toolReference()
	if err != nil {
		return nil, err
	}
	settings, err := config.Schema()
	if err != nil {
		return nil, fmt.Errorf("write the schema of configuration files: %w", err)
	}
	known, err := clientsReference()
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		"tools.md": reference, "clients.md": known, "platform.md": platformReference(), "metrics.md": metricsReference(),
		"config.schema.json": settings,
	}, nil
}

// fill puts the generated parts between their marks in the README.
func fill(page []byte) ([]byte, error) {
	catalog, err := catalog()
	if err != nil {
		return nil, err
	}
	var table bytes.Buffer
	if err := catalog.WriteMarkdownToolsets(&table); err != nil {
		return nil, fmt.Errorf("write the table of tools: %w", err)
	}
	parts := map[string]string{
		"snippet": "```json\n" + cli.Snippet(shownProgram) + "\n```\n",
		"tools":   table.String(),
	}
	return fillParts("README.md", page, parts)
}

func toolReference() ([]byte, error) {
	catalog, err := catalog()
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := catalog.WriteMarkdown(&page); err != nil {
		return nil, fmt.Errorf("write the tool reference: %w", err)
	}
	return page.Bytes(), nil
}

// catalog builds the catalog of all tools; nothing of it is called.
func catalog() (*tools.Catalog, error) {
	offline := func(context.Context) (string, error) { return "", errors.New("documentation calls nothing") }
	platform, err := client.New(client.WithKeySource(offline), client.WithBaseURL(client.DefaultBaseURL))
	if err != nil {
		return nil, fmt.Errorf("build the catalog: %w", err)
	}
	all, err := tools.NewCatalog(tools.Platform{Client: platform})
	if err != nil {
		return nil, fmt.Errorf("build the catalog: %w", err)
	}
	return all, nil
}
