//go:build unix

package config

import (
	"os"
	"syscall"
)

// isPrivate reports whether nobody else can read a file of secrets.
func isPrivate(info os.FileInfo) bool {
	owner, _ := owners(info)
	return private(info.Mode(), owner, os.Geteuid())
}

// ownershipOfFile tells who can change a file of settings.
func ownershipOfFile(info os.FileInfo) ownership {
	owner, group := owners(info)
	return ownershipOf(info.Mode(), owner, group, os.Geteuid())
}

// owners gives the user and the group that a file belongs to, -1 where that cannot be told.
func owners(info os.FileInfo) (user, group int) {
	if system, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(system.Uid), int(system.Gid)
	}
	return -1, -1
}
