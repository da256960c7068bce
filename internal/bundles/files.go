package bundles

import (
	_ "embed" // the icon
	"maps"
	"slices"
)

// icon is drawn from icon.svg.
//
//go:embed icon.png
var icon []byte

// Icon gives the icon: a square PNG of 512 pixels.
func Icon() []byte { return slices.Clone(icon) }

// Files gives the files of the repository that are written from the product, by their paths from its root. The manifest is
// that of one platform, and server.json lacks the bundles' hashes: both are there to be read, and written anew by a release.
func Files() (map[string][]byte, error) {
	product, err := Ask()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, part := range []func() (map[string][]byte, error){
		gemini, claudeCode,
		func() (map[string][]byte, error) {
			written, err := Manifest(product, Version, Platforms()[0])
			return map[string][]byte{"packaging/mcpb/manifest.json": written}, err
		},
		func() (map[string][]byte, error) {
			written, err := Server(Version, nil)
			return map[string][]byte{"packaging/registry/server.json": written}, err
		},
	} {
		written, err := part()
		if err != nil {
			return nil, err
		}
		maps.Copy(files, written)
	}
	return files, nil
}
