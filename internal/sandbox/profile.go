package sandbox

import (
	"fmt"
)

// Profile says which generation of the platform is played.
type Profile string

// The profiles.
const (
	// ProfileBoth serves the routes of both generations side by side.
	ProfileBoth Profile = ""
	// Profile2025 serves what clients of autumn 2025 know.
	Profile2025 Profile = "2025"
	// Profile2026 serves what the portal of 2026 does.
	Profile2026 Profile = "2026"
)

// ParseProfile reads a profile's name: 2025, 2026 or both.
func ParseProfile(name string) (Profile, error) {
	switch name {
	case "", "both":
		return ProfileBoth, nil
	case string(Profile2025), string(Profile2026):
		return Profile(name), nil
	default:
		return "", fmt.Errorf("%q is none of 2025, 2026, both", name)
	}
}
