package client

import (
	"fmt"
	"net/url"
	"strings"
)

// maxIdentifierLength bounds ids and names of the platform, in bytes.
const maxIdentifierLength = 128

// CheckIdentifier reports whether id may name a resource of the platform: 1 to 128 of A-Z a-z 0-9 _ . @ -, starting
// with a letter or digit. Everything else, "." and ".." included, is refused before any I/O, since ids become path
// segments.
func CheckIdentifier(id string) error {
	if id == "" {
		return fmt.Errorf("%w: the id or name is empty", ErrInvalidArgument)
	}
	if len(id) > maxIdentifierLength {
		return fmt.Errorf("%w: the id or name is longer than %d characters", ErrInvalidArgument, maxIdentifierLength)
	}
	for i := range len(id) {
		if !identifierByte(id[i], i == 0) {
			return fmt.Errorf("%w: an id or name has letters, digits and _ . @ - only and starts with a letter or digit",
				ErrInvalidArgument)
		}
	}
	return nil
}

func identifierByte(b byte, first bool) bool {
	switch {
	case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9':
		return true
	case b == '_', b == '.', b == '@', b == '-':
		return !first
	default:
		return false
	}
}

// isUUID reports whether id has the form of the platform's ids: 8-4-4-4-12 hexadecimal digits.
func isUUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		b := id[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if b != '-' {
				return false
			}
			continue
		}
		if (b < '0' || b > '9') && (b < 'a' || b > 'f') && (b < 'A' || b > 'F') {
			return false
		}
	}
	return true
}

// expandPath fills the placeholders of a route's path with checked and escaped identifiers.
func expandPath(path string, identifiers map[string]string) (string, error) {
	for name, id := range identifiers {
		if err := CheckIdentifier(id); err != nil {
			return "", err
		}
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(id))
	}
	return path, nil
}
