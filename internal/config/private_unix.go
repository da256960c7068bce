//go:build unix

package config

import (
	"os"
	"syscall"
)

// isPrivate reports whether nobody else can read a file of secrets.
func isPrivate(info os.FileInfo) bool {
	owner := -1
	if system, ok := info.Sys().(*syscall.Stat_t); ok {
		owner = int(system.Uid)
	}
	return private(info.Mode(), owner, os.Geteuid())
}
