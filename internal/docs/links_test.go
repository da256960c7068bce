package main

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// deadLinks tells which links of the pages below root lead nowhere. Of links elsewhere it tells those that are no
// address or not secure; nothing is fetched.
func deadLinks(root string, pages []markdownPage) []string {
	anchors := map[string]map[string]bool{}
	for _, page := range pages {
		anchors[page.path] = page.anchors
	}
	inline := regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)|^\s*\[[^\]]+\]:\s+(\S+)|(?:src|href)="([^"]+)"`)
	bare := regexp.MustCompile(`https?://[^\s)>\]"` + "`" + `]+`)
	var dead []string
	for _, page := range pages {
		for number, line := range page.prose {
			var targets []string
			for _, found := range inline.FindAllStringSubmatch(line, -1) {
				targets = append(targets, found[1]+found[2]+found[3])
			}
			for _, target := range slices.Concat(targets, bare.FindAllString(line, -1)) {
				if why := deadLink(root, page.path, target, anchors); why != "" {
					dead = append(dead, fmt.Sprintf("%s:%d: %s %s", page.path, number, target, why))
				}
			}
		}
	}
	return dead
}

// deadLink says what is wrong with a link of a page; nothing when it leads somewhere.
func deadLink(root, from, target string, anchors map[string]map[string]bool) string {
	address, err := url.Parse(strings.TrimRight(target, ".,;:"))
	switch {
	case err != nil:
		return "is no address"
	case address.Scheme == "http" && address.Hostname() == "127.0.0.1":
		return ""
	case address.Scheme != "":
		if address.Scheme != "https" || !strings.Contains(address.Host, ".") {
			return "is no secure address"
		}
		return ""
	case strings.HasPrefix(address.Path, "/"):
		return "does not begin where its page is"
	}
	to := from
	if address.Path != "" {
		to = path.Join(path.Dir(from), address.Path)
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil || strings.HasPrefix(to, "..") {
		return "does not exist"
	}
	if address.Fragment != "" && !anchors[to][address.Fragment] {
		return "has no such heading"
	}
	return ""
}

func TestNoLinkIsDead(t *testing.T) {
	t.Parallel()
	for _, dead := range deadLinks("../..", repositoryPages(t, "../..")) {
		t.Error(dead)
	}
}

func TestDeadLinksAreFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"README.md": "# Top\n[good](docs/a.md#a-heading) [self](#top) https://example.com/x. [picture](docs/p.png)\n\n`[no](link)`\n```sh\n[no](link)\n```\n",
		"docs/a.md": "## A heading\n[up](../README.md)\n[1](b.md)\n[2](../README.md#bottom)\n![3](http://example.com/)\n[4](/README.md)\n" +
			"[5](../../outside.md)\n[6](https://nowhere)\n<img src=\"q.png\">\nhttp://insecure.example\n[9]: gone.md\n",
		"docs/p.png": "",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dead := deadLinks(root, repositoryPages(t, root))
	lines := map[string]bool{}
	for _, one := range dead {
		file, rest, _ := strings.Cut(one, ":")
		number, _, _ := strings.Cut(rest, ":")
		lines[file+":"+number] = true
	}
	for number := 3; number <= 11; number++ {
		if !lines[fmt.Sprintf("docs/a.md:%d", number)] {
			t.Errorf("line %d passes: %q", number, dead)
		}
	}
	if len(lines) != 9 {
		t.Errorf("%q", dead)
	}
}

// TestEveryPageIsReached fails for a page of docs that the README does not lead to.
func TestEveryPageIsReached(t *testing.T) {
	t.Parallel()
	pages := repositoryPages(t, "../..")
	linked := regexp.MustCompile(`\]\(([^)#\s]+)`)
	targets := map[string][]string{}
	for _, page := range pages {
		for _, line := range page.prose {
			for _, found := range linked.FindAllStringSubmatch(line, -1) {
				targets[page.path] = append(targets[page.path], path.Join(path.Dir(page.path), found[1]))
			}
		}
	}
	reached := map[string]bool{}
	for next := []string{"README.md"}; len(next) > 0; next = next[1:] {
		if !reached[next[0]] {
			reached[next[0]] = true
			next = append(next, targets[next[0]]...)
		}
	}
	for _, page := range pages {
		if strings.HasPrefix(page.path, "docs/") && !reached[page.path] {
			t.Errorf("no link leads to %s", page.path)
		}
	}
}

// TestPicturesAreShown fails for a picture that no page shows, or that takes long to load.
func TestPicturesAreShown(t *testing.T) {
	t.Parallel()
	pictures, err := filepath.Glob("../../docs/screenshots/*.png")
	if err != nil || len(pictures) == 0 {
		t.Fatalf("%q, %v", pictures, err)
	}
	var prose strings.Builder
	for _, page := range repositoryPages(t, "../..") {
		for _, line := range page.prose {
			prose.WriteString(line)
		}
	}
	for _, picture := range pictures {
		if !strings.Contains(prose.String(), "screenshots/"+filepath.Base(picture)+")") {
			t.Errorf("no page shows %s", picture)
		}
		if info, err := os.Stat(picture); err != nil || info.Size() > 150_000 {
			t.Errorf("%s is too large: %v", picture, err)
		}
	}
}
