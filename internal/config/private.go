package config

import "os"

// private reports whether of a file of secrets nobody can read what its reader has not been given alone. That is a file
// with no rights for others than its owner; and one of root's that this process reads by its group, as orchestrators mount
// secrets for programs without rights: whoever is of that group was put there by them.
func private(mode os.FileMode, owner, self int) bool {
	const others, group, groupReads = 0o007, 0o070, 0o040
	rights := mode.Perm()
	switch {
	case rights&others != 0:
		return false
	case rights&group == 0:
		return true
	default:
		return rights&group == groupReads && owner == 0 && self != 0
	}
}
