package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// guides gives the pages below root, by their paths, that show programs of the repository: what stands between
// <!-- begin PATH --> and <!-- end PATH --> is the program at PATH.
func guides(root string) (map[string][]byte, error) {
	pages := map[string][]byte{}
	for name, programs := range map[string][]string{
		"docs/sandbox.md": {"docs/examples/agent_test.go", "docs/examples/test_agent.py", "docs/examples/agent.test.ts"},
	} {
		page, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // a page of this repository
		if err != nil {
			return nil, fmt.Errorf("read a guide: %w", err)
		}
		parts := map[string]string{}
		for _, program := range programs {
			text, err := os.ReadFile(filepath.Join(root, program)) //nolint:gosec // a program of this repository
			if err != nil {
				return nil, fmt.Errorf("read a program that %s shows: %w", name, err)
			}
			parts[program] = "```" + strings.TrimPrefix(filepath.Ext(program), ".") + "\n" + strings.TrimSpace(string(text)) + "\n```\n"
		}
		if pages[name], err = fillParts(name, page, parts); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// fillParts puts texts between their marks in a page.
func fillParts(name string, page []byte, parts map[string]string) ([]byte, error) {
	for part, text := range parts {
		var err error
		if page, err = fillMark(page, part, text); err != nil {
			return nil, fmt.Errorf("fill %s: %w", name, err)
		}
	}
	return page, nil
}
