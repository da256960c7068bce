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

// ownership says who can change a file.
type ownership int

const (
	// ours is a file that only its reader can change, or root.
	ours ownership = iota
	// foreign is a file of another user.
	foreign
	// shared is a file that others than its owner can change. A group with the number of the owner does not count: many
	// systems give each user one of their own, and let it change what they make.
	shared
)

// ownershipOf tells who can change a file of settings: it decides which program prints the key, and where the key goes.
func ownershipOf(mode os.FileMode, owner, group, self int) ownership {
	const othersWrite, groupWrites = 0o002, 0o020
	rights := mode.Perm()
	switch {
	case owner != self && owner != 0:
		return foreign
	case rights&othersWrite != 0 || (rights&groupWrites != 0 && group != owner):
		return shared
	default:
		return ours
	}
}
