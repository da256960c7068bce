package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// component is packages that the program could be without, each named by how its path begins.
type component struct {
	name     string
	packages []string
}

func components() []component {
	const own = "github.com/robutlerai/robutler-mcp/internal/"
	return []component{
		{"SQLite", []string{own + "sqlite", "modernc.org"}},
		{"PostgreSQL", []string{own + "postgres", "github.com/jackc"}},
		{"OpenTelemetry", []string{"go.opentelemetry.io", "github.com/go-logr"}},
		{"OpenID Connect", []string{"github.com/coreos/go-oidc", "github.com/go-jose", "golang.org/x/oauth2"}},
		{"YAML", []string{"go.yaml.in"}},
		{"TOML", []string{"github.com/pelletier/go-toml"}},
		{"JSON with comments", []string{"github.com/tailscale/hujson"}},
		{"JSON Schema", []string{"github.com/santhosh-tekuri", "github.com/google/jsonschema-go", "github.com/invopop/jsonschema"}},
		{"MCP (mcp-go)", []string{"github.com/mark3labs/mcp-go"}},
		{"HTTP client (resty)", []string{"github.com/go-resty"}},
		{"drawing", []string{"golang.org/x/image", "image"}},
		{"profiles (pprof)", []string{"net/http/pprof", "runtime/pprof"}},
		{"embedded platform", []string{own + "sandbox"}},
	}
}

// matches reports whether a package is one of a component.
func (c component) matches(path string) bool {
	for _, prefix := range c.packages {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

// printCosts prints by how much the program is smaller when the functions of a component are emptied. What several
// components need counts for none of them.
func printCosts(ctx context.Context, out io.Writer, folder string) error {
	module := filepath.Join(folder, "module")
	if err := vendor(ctx, module); err != nil {
		return err
	}
	packages, err := listPackages(ctx, module)
	if err != nil {
		return err
	}
	program := filepath.Join(folder, "program")
	whole, _, err := build(ctx, module, program, "")
	if err != nil {
		return err
	}
	fmt.Fprint(out, "\n| component | MB |\n| --- | --: |\n")
	for _, each := range components() {
		overlay, err := hollow(packages, each, filepath.Join(folder, "hollow"))
		if err != nil {
			return err
		}
		without, _, err := build(ctx, module, program, overlay)
		if err != nil {
			return fmt.Errorf("%s: %w", each.name, err)
		}
		fmt.Fprintf(out, "| %s | %.2f |\n", each.name, megabytes(whole-without))
	}
	fmt.Fprintf(out, "| the program | %.2f |\n", megabytes(whole))
	return nil
}

// vendor copies the program and all that it is made of, since Go does not replace files of its module cache.
func vendor(ctx context.Context, folder string) error {
	packages, err := listPackages(ctx, ".")
	if err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	files := []string{"go.mod", "go.sum"}
	for _, each := range packages {
		if below, err := filepath.Rel(here, each.Dir); err == nil && filepath.IsLocal(below) {
			for _, name := range append(each.GoFiles, each.EmbedFiles...) {
				files = append(files, filepath.Join(below, name))
			}
		}
	}
	for _, name := range files {
		if err := copyFile(name, filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	if output, err := goCommand(ctx, folder, "mod", "vendor").CombinedOutput(); err != nil {
		return fmt.Errorf("copy what the program is made of: %w: %s", err, output)
	}
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from) //nolint:gosec // of this module
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	return os.WriteFile(to, text, 0o600) //nolint:gosec // below the folder that was made for it
}
