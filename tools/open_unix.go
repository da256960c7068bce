//go:build unix

package tools

import (
	"io/fs"
	"syscall"
)

// openNonblocking keeps the open of a pipe from waiting for its other end.
const openNonblocking = syscall.O_NONBLOCK

// hardLinks counts the names of a file.
func hardLinks(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(min(uint64(stat.Nlink), 1<<20)) //nolint:unconvert // the width differs between systems
	}
	return 1
}
