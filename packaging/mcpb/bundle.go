package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/robutlerai/robutler-mcp/internal/bundles"
)

// tool is the folder of the tool that packs.
const tool = "packaging/mcpb"

// bundle is one that is to be made.
type bundle struct {
	platform bundles.Platform
	product  *bundles.Product
	version  string
	// binary is the program; empty to build it.
	binary string
	folder string
}

// make validates and packs the bundle, and gives its path.
func (b bundle) make(ctx context.Context) (path string, err error) {
	stage, err := os.MkdirTemp("", "mcpb-")
	if err != nil {
		return "", fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	if err := b.fill(ctx, stage); err != nil {
		return "", err
	}
	path = filepath.Join(b.folder, bundles.BundleFile(bundles.Release(b.version), b.platform))
	mcpb := filepath.Join(tool, "node_modules", ".bin", "mcpb")
	if err := execute(ctx, nil, mcpb, "validate", filepath.Join(stage, "manifest.json")); err != nil {
		return "", err
	}
	if err := execute(ctx, nil, mcpb, "pack", stage, path); err != nil {
		return "", err
	}
	return path, settle(path)
}

// fill lays what the bundle holds into a folder. Modes are set here, so that they do not depend on who packs.
func (b bundle) fill(ctx context.Context, stage string) error {
	manifest, err := bundles.Manifest(b.product, bundles.Release(b.version), b.platform)
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	program := filepath.Join(stage, filepath.FromSlash(b.platform.Program()))
	if err := os.Mkdir(filepath.Dir(program), 0o755); err != nil { //nolint:gosec // it is for everybody
		return fmt.Errorf("make a folder: %w", err)
	}
	binary, err := b.program(ctx, stage)
	if err != nil {
		return err
	}
	license, err := os.ReadFile("LICENSE")
	if err != nil {
		return fmt.Errorf("read the license: %w", err)
	}
	for path, content := range map[string][]byte{
		filepath.Join(stage, "manifest.json"): manifest, filepath.Join(stage, "icon.png"): bundles.Icon(),
		filepath.Join(stage, "LICENSE"): license, program: binary,
	} {
		mode := os.FileMode(0o644)
		if path == program {
			mode = 0o755
		}
		if err := errors.Join(os.WriteFile(path, content, mode), os.Chmod(path, mode)); err != nil {
			return fmt.Errorf("lay out the bundle: %w", err)
		}
	}
	return nil
}

// program gives the program: the one that is named, or one that is built now.
func (b bundle) program(ctx context.Context, stage string) ([]byte, error) {
	if b.binary != "" {
		given, err := os.ReadFile(b.binary)
		if err != nil {
			return nil, fmt.Errorf("read the program: %w", err)
		}
		return given, nil
	}
	if b.platform.Arch != bundles.Universal {
		return b.build(ctx, stage, b.platform.Arch)
	}
	var slices []slice
	for _, arch := range []string{"amd64", "arm64"} {
		built, err := b.build(ctx, stage, arch)
		if err != nil {
			return nil, err
		}
		one, err := sliceOf(built)
		if err != nil {
			return nil, fmt.Errorf("read the program for %s: %w", arch, err)
		}
		slices = append(slices, one)
	}
	return universal(slices), nil
}

// build compiles the program as make build does.
func (b bundle) build(ctx context.Context, stage, arch string) (program []byte, err error) {
	path := filepath.Join(filepath.Dir(stage), filepath.Base(stage)+"-"+arch)
	defer func() { err = errors.Join(err, os.RemoveAll(path)) }()
	flags := "-s -w -X github.com/robutlerai/robutler-mcp/internal/cli.release=" + b.version
	environment := []string{"CGO_ENABLED=0", "GOOS=" + b.platform.OS, "GOARCH=" + arch}
	if err := execute(ctx, environment, "go", "build", "-trimpath", "-ldflags", flags, "-o", path, "."); err != nil {
		return nil, err
	}
	built, err := os.ReadFile(path) //nolint:gosec // it was just built
	if err != nil {
		return nil, fmt.Errorf("read the program: %w", err)
	}
	return built, nil
}

// installTool installs the tool that packs, at the version that the lock file names, unless it is there.
func installTool(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(tool, "node_modules", ".bin", "mcpb")); err == nil {
		return nil
	}
	return execute(ctx, nil, "npm", "ci", "--prefix", tool, "--no-progress", "--loglevel=error", "--ignore-scripts")
}

// execute runs a program to its end. What it prints is in the error if it fails.
func execute(ctx context.Context, environment []string, program string, arguments ...string) error {
	command := exec.CommandContext(ctx, program, arguments...) //nolint:gosec // the programs are named above
	command.Env = append(os.Environ(), environment...)
	if printed, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("run %s %s: %w\n%s", filepath.Base(program), arguments[0], err, printed)
	}
	return nil
}
