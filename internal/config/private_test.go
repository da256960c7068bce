package config

import (
	"os"
	"testing"
)

func TestPrivate(t *testing.T) {
	const root, user, other = 0, 65532, 1000
	for _, c := range []struct {
		name        string
		mode        os.FileMode
		owner, self int
		want        bool
	}{
		{"the user's own", 0o600, user, user, true},
		{"the user's own, of the group too", 0o640, user, user, false},
		{"mounted for the group", 0o440, root, user, true},
		{"mounted for the group, writable by root", 0o640, root, user, true},
		{"writable by the group", 0o660, root, user, false},
		{"mounted for everybody", 0o444, root, user, false},
		{"another user's", 0o440, other, user, false},
		{"root's own, of the group too", 0o440, root, root, false},
		{"of an owner nobody knows", 0o440, -1, user, false},
	} {
		if got := private(c.mode, c.owner, c.self); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
