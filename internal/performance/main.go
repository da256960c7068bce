// Command performance writes the configuration of the harness that measures servers side by side, and docs/performance.md
// from what was measured. See make bench-servers.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

const usage = `usage:
  performance config -ours FILE -bare FILE [-github FILE]
  performance render -harness FILE -benchmarks FILE[,FILE...] -binary FILE -version TEXT`

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil { //nolint:forbidigo // a tool that prints what it makes
		fmt.Fprintln(os.Stderr, "performance:", err)
		os.Exit(1)
	}
}

func run(arguments []string, out io.Writer) error {
	if len(arguments) == 0 {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	switch arguments[0] {
	case "config":
		ours, bare := flags.String("ours", "", "this program"), flags.String("bare", "", "the bare server")
		github := flags.String("github", "", "github-mcp-server, if it is to be measured too")
		if err := flags.Parse(arguments[1:]); err != nil {
			return err
		}
		return writeConfig(out, *ours, *bare, *github)
	case "render":
		harness := flags.String("harness", "", "what the harness measured")
		starts := flags.String("starts", "", "what it measured of starts beside github-mcp-server, if it did")
		benchmarks := flags.String("benchmarks", "", "outputs of go test -bench, separated by commas")
		binary := flags.String("binary", "", "this program")
		version := flags.String("version", "", "its version")
		if err := flags.Parse(arguments[1:]); err != nil {
			return err
		}
		return renderFiles(out, *harness, *starts, *benchmarks, *binary, *version)
	default:
		return errors.New(usage)
	}
}

// renderFiles reads what was measured and writes the page.
func renderFiles(out io.Writer, harness, starts, benchmarks, binary, version string) (err error) {
	m := measurements{version: version}
	if m.harness, err = readResults(harness); err != nil {
		return err
	}
	if starts != "" {
		if m.starts, err = readResults(starts); err != nil {
			return err
		}
	}
	var text strings.Builder
	for name := range strings.SplitSeq(benchmarks, ",") {
		raw, err := os.ReadFile(name) //nolint:gosec // the caller names it
		if err != nil {
			return fmt.Errorf("read benchmarks: %w", err)
		}
		text.Write(raw)
		text.WriteByte('\n')
	}
	if m.benchmarks, err = parseBenchmarks(text.String()); err != nil {
		return err
	}
	info, err := os.Stat(binary) //nolint:gosec // the caller names it
	if err != nil {
		return fmt.Errorf("measure the binary: %w", err)
	}
	m.binaryBytes = info.Size()
	return m.render(out)
}

// readResults reads what the harness measured.
func readResults(name string) (found results, err error) {
	raw, err := os.ReadFile(name) //nolint:gosec // the caller names it
	if err == nil {
		err = json.Unmarshal(raw, &found)
	}
	if err != nil {
		return results{}, fmt.Errorf("read what the harness measured: %w", err)
	}
	return found, nil
}
