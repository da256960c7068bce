//go:build !unix

package config

import "os"

// isPrivate cannot tell: the rights of files are not kept in their modes here.
func isPrivate(os.FileInfo) bool { return true }

// ownershipOfFile cannot tell either.
func ownershipOfFile(os.FileInfo) ownership { return ours }
