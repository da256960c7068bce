// Command generate writes what packages hold beside the program: manual pages and the completions of shells. It is a
// program of its own so that the product carries no writer of manual pages.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate writes completions/ and man/ into a folder, and nothing else of what was in these two stays. The epoch dates
// the manual pages, in seconds since 1970 as a decimal; an empty one means now.
func generate(folder, epoch string) error {
	date, err := dateOf(epoch)
	if err != nil {
		return err
	}
	pages, err := manualPages(date)
	if err != nil {
		return err
	}
	completions, err := completionScripts()
	if err != nil {
		return err
	}
	if err := writeFiles(filepath.Join(folder, "man"), pages); err != nil {
		return err
	}
	return writeFiles(filepath.Join(folder, "completions"), completions)
}

// dateOf reads SOURCE_DATE_EPOCH, see https://reproducible-builds.org/specs/source-date-epoch/.
func dateOf(epoch string) (time.Time, error) {
	if epoch == "" {
		return time.Now().UTC(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read SOURCE_DATE_EPOCH: %q is no number of seconds", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// writeFiles fills a folder anew.
func writeFiles(folder string, files map[string][]byte) error {
	if err := os.RemoveAll(folder); err != nil { //nolint:gosec // whoever runs this names the folder
		return fmt.Errorf("empty %s: %w", folder, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // packages are for everybody
		return fmt.Errorf("make %s: %w", folder, err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil { //nolint:gosec // as above
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
