package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// markdownPage is a page of Markdown in the parts that are checked.
type markdownPage struct {
	// path is where it is, below the root.
	path string
	// prose are its lines outside of blocks of code, by number; what stands between backticks is taken out.
	prose map[int]string
	// spans are what stands between backticks, in lines outside of blocks.
	spans []numbered
	// blocks are its blocks of code.
	blocks []codeBlock
	// open is the line of a block that does not end; 0 if all do.
	open int
	// anchors are the names that links may lead to.
	anchors map[string]bool
}

type numbered struct {
	line int
	text string
}

// codeBlock is a block of code and the last line above it that is not empty.
type codeBlock struct {
	line              int
	language, content string
	above             string
}

// repositoryPages reads every page of the repository, below root.
func repositoryPages(t *testing.T, root string) []markdownPage {
	t.Helper()
	var pages []markdownPage
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (slices.Contains([]string{"bin", "dist", "node_modules", "testdata"}, entry.Name()) || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, path)
		pages = append(pages, parseMarkdown(filepath.ToSlash(below), string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func parseMarkdown(path, text string) markdownPage {
	page := markdownPage{path: path, prose: map[int]string{}, anchors: map[string]bool{}}
	span := regexp.MustCompile("`([^`]+)`")
	var block *codeBlock
	above := ""
	for i, line := range strings.Split(text, "\n") {
		number, trimmed := i+1, strings.TrimSpace(line)
		switch {
		case block != nil && trimmed == "```":
			page.blocks = append(page.blocks, *block)
			block, above = nil, ""
		case block != nil:
			block.content += line + "\n"
		case strings.HasPrefix(trimmed, "```"):
			block = &codeBlock{line: number, language: strings.TrimPrefix(trimmed, "```"), above: above}
		default:
			for _, found := range span.FindAllStringSubmatch(line, -1) {
				page.spans = append(page.spans, numbered{number, found[1]})
			}
			page.prose[number] = span.ReplaceAllString(line, "``")
			if level, heading, ok := strings.Cut(line, " "); ok && level != "" && strings.Trim(level, "#") == "" {
				page.addAnchor(heading)
			}
			if trimmed != "" {
				above = trimmed
			}
		}
	}
	if block != nil {
		page.open = block.line
	}
	return page
}

// addAnchor names a heading as forges do: small letters, without punctuation, with hyphens for spaces, counted when it
// comes again.
func (p *markdownPage) addAnchor(heading string) {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}, strings.TrimSpace(heading))
	for n, first := 1, name; p.anchors[name]; n++ {
		name = first + "-" + strconv.Itoa(n)
	}
	p.anchors[name] = true
}

func TestParseMarkdown(t *testing.T) {
	t.Parallel()
	page := parseMarkdown("a.md", "# A `--b`, [c](d)!\n# Two\n## Two\n<!-- why -->\n```sh\n# none\n```\nuse `x` [y](z)\n")
	for _, anchor := range []string{"a---b-c", "two", "two-1"} {
		if !page.anchors[anchor] {
			t.Errorf("no %s in %v", anchor, page.anchors)
		}
	}
	if len(page.anchors) != 3 || len(page.blocks) != 1 || page.blocks[0].above != "<!-- why -->" || page.blocks[0].content != "# none\n" || page.prose[8] != "use `` [y](z)" {
		t.Errorf("%+v", page)
	}
}
