package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// uploadStep says how a file is uploaded by its path: with the command that does it, where that file is there.
func (c madeCall) uploadStep() step {
	const rule = "Nothing was sent. Files are read only from folders that --upload-root names, and a relative path begins there."
	path := c.text("path")
	if path == "" || inRoots(c.settings.UploadRoots, path) || !isFile(path) {
		return step{text: rule}
	}
	root, within := ".", path
	if !filepath.IsLocal(path) {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return step{text: rule}
		}
		root, within = filepath.Dir(absolute), absolute
	}
	words := slices.Clone(c.words)
	for i, word := range words {
		if strings.HasPrefix(word, "path=") {
			words[i] = "path=" + within
		}
	}
	if within != path && slices.Equal(words, c.words) { // the path is in --args
		return step{text: rule}
	}
	return step{rule + " To upload this one:", []string{c.again(words, "--upload-root", asItem(root))}}
}

// inRoots reports whether a file is where paths are read from already, so that it is refused for another reason.
func inRoots(roots []string, path string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		absolute, err := filepath.Abs(root)
		if err != nil {
			return false
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(absolute, path)
		}
		relative, err := filepath.Rel(absolute, path)
		return err == nil && filepath.IsLocal(relative) && isFile(path)
	})
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// completePath gives the files and folders whose paths begin as typed, as upload_content finds them: below its roots, or
// here while none is named. What it never reads is left out: links, and what is hidden.
func completePath(roots []string, typed string) []string {
	if len(roots) == 0 || filepath.IsAbs(typed) {
		roots = []string{""}
	}
	folder, begun := filepath.Split(typed)
	var found []string
	for _, root := range roots {
		entries, err := os.ReadDir(filepath.Join(root, folder, "."))
		if err != nil {
			continue
		}
		for _, entry := range entries {
			name := entry.Name()
			switch {
			case !strings.HasPrefix(name, begun), strings.HasPrefix(name, "."):
			case entry.IsDir():
				found = append(found, folder+name+string(filepath.Separator))
			case entry.Type().IsRegular():
				found = append(found, folder+name)
			}
		}
	}
	slices.Sort(found) // a library that reads flags twice names a root twice
	return slices.Compact(found)
}
