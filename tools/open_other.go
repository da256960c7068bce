//go:build !unix

package tools

import "io/fs"

// openNonblocking has no meaning where pipes do not live in folders.
const openNonblocking = 0

// hardLinks cannot be counted here without opening the file anew.
func hardLinks(fs.FileInfo) int { return 1 }
