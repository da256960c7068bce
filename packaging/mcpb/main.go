// Command mcpb makes the MCP bundles that clients such as Claude Desktop install: the program, its manifest and an icon,
// validated and packed by the tool that defines the format. It is run from the root of the repository and needs npm.
//
//	go run ./packaging/mcpb -version v1.2.3 [-out dist] [-binary FILE] [OS/ARCH ...]
//
// Without platforms it makes all of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/bundles"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mcpb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("mcpb", flag.ContinueOnError)
	version := flags.String("version", "", "version that the program reports; the bundle's is without the v")
	out := flags.String("out", "dist", "folder of the bundles")
	binary := flags.String("binary", "", "program to pack, for the one platform that is named, in place of building it")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("read the arguments: %w", err)
	}
	platforms, err := choose(flags.Args())
	if err != nil {
		return err
	}
	if *version == "" || (*binary != "" && len(platforms) != 1) {
		return errors.New("give -version, and with -binary one platform")
	}
	product, err := bundles.Ask()
	if err != nil {
		return fmt.Errorf("ask the product what it offers: %w", err)
	}
	if err := installTool(ctx); err != nil {
		return err
	}
	for _, platform := range platforms {
		one := bundle{platform: platform, product: product, version: *version, binary: *binary, folder: *out}
		path, err := one.make(ctx)
		if err != nil {
			return fmt.Errorf("make the bundle for %s: %w", platform, err)
		}
		fmt.Fprintln(os.Stderr, path)
	}
	return nil
}

// choose finds platforms by their names; all of them when none is named.
func choose(names []string) ([]bundles.Platform, error) {
	all := bundles.Platforms()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []bundles.Platform
	for _, name := range names {
		i := slices.IndexFunc(all, func(p bundles.Platform) bool { return p.String() == name })
		if system, _, found := strings.Cut(name, "/"); i < 0 && found && system == "darwin" {
			i = slices.IndexFunc(all, func(p bundles.Platform) bool { return p.OS == system }) // one program for every Mac
		}
		if i < 0 {
			return nil, fmt.Errorf("no bundle is made for %q; there are %v", name, all)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
