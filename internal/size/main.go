// Command size builds the program as it is released for Linux on amd64, and fails when it is larger than it may be, or
// when the linker can no longer leave unused methods out. With -costs it also prints what each component costs.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// maxBytes is how large the stripped program may be.
const maxBytes = 24_000_000

// canary is a method that nothing calls, of a type that is used in every way. It is linked when anything calls
// reflect.Value.MethodByName or reflect.Type.Method with what is not a constant: any method could then be meant.
const canary = "time.Time.ISOWeek"

func main() {
	costs := flag.Bool("costs", false, "print what each component costs, too")
	flag.Parse()
	if err := run(context.Background(), os.Stderr, *costs); err != nil {
		fmt.Fprintln(os.Stderr, "size:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, costs bool) error {
	folder, err := os.MkdirTemp("", "size")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	whole, reached, err := build(ctx, ".", filepath.Join(folder, "program"), "")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%.2f of at most %.2f MB\n", megabytes(whole), megabytes(maxBytes))
	if whole > maxBytes {
		err = fmt.Errorf("the program has %d bytes, more than %d: see what grew with make size-costs", whole, maxBytes)
	}
	if bytes.Contains(reached, []byte(canary)) {
		err = errors.Join(err, errors.New("the linker keeps every exported method: find who calls Method or MethodByName of "+
			"package reflect with what is not a constant"))
	}
	if !costs {
		return err
	}
	return errors.Join(err, printCosts(ctx, out, folder))
}

// build links the program of a module, with the replacements of an overlay if there is one, and gives its size and what
// depends on what.
func build(ctx context.Context, module, program, overlay string) (size int64, reached []byte, _ error) {
	command := goCommand(ctx, module, "build", "-trimpath", "-ldflags=-s -w -dumpdep", "-overlay="+overlay, "-o="+program, ".")
	var output bytes.Buffer
	command.Stderr = &output
	if err := command.Run(); err != nil {
		text := output.String()
		return 0, nil, fmt.Errorf("build: %w: %s", err, text[max(0, len(text)-2000):])
	}
	about, err := os.Stat(program)
	if err != nil {
		return 0, nil, fmt.Errorf("measure: %w", err)
	}
	return about.Size(), output.Bytes(), nil
}

func goCommand(ctx context.Context, module string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", arguments...) //nolint:gosec // our own
	command.Dir = module
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	return command
}

func megabytes(size int64) float64 { return float64(size) / 1e6 }
