// Command registry writes the server.json of a release, with the hashes of its bundles, for mcp-publisher to publish. It
// is run after make bundle.
//
//	go run ./packaging/registry -version v1.2.3 [-bundles dist] [-out dist/server.json]
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/robutlerai/robutler-mcp/internal/bundles"
)

func main() {
	if err := run(os.Args[1:], bundles.Version); err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}

// run writes the server.json of a release, which must be the one that the files of the repository name: clients fetch
// those at its tag.
func run(arguments []string, named string) error {
	flags := flag.NewFlagSet("registry", flag.ContinueOnError)
	version := flags.String("version", "", "version of the release, with or without v")
	folder := flags.String("bundles", "dist", "folder that holds the bundles of all platforms")
	out := flags.String("out", filepath.Join("dist", "server.json"), "file to write")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("read the arguments: %w", err)
	}
	if *version == "" || flags.NArg() > 0 {
		return errors.New("give -version, and no arguments")
	}
	release := bundles.Release(*version)
	if release != named {
		return fmt.Errorf("release %s: the files of the repository name %s; set Version in internal/bundles/bundles.go, run make docs, and tag that",
			release, named)
	}
	hashes := map[bundles.Platform]string{}
	for _, platform := range bundles.Platforms() {
		bundle, err := os.ReadFile(filepath.Join(*folder, bundles.BundleFile(release, platform)))
		if err != nil {
			return fmt.Errorf("hash the bundle for %s: %w", platform, err)
		}
		sum := sha256.Sum256(bundle)
		hashes[platform] = hex.EncodeToString(sum[:])
	}
	written, err := bundles.Server(release, hashes)
	if err != nil {
		return fmt.Errorf("write server.json: %w", err)
	}
	if err := os.WriteFile(*out, written, 0o644); err != nil { //nolint:gosec // it is for everybody
		return fmt.Errorf("write server.json: %w", err)
	}
	return nil
}
