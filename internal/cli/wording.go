package cli

import (
	"encoding/json"
	"slices"

	"github.com/robutlerai/robutler-mcp/tools"
)

// forPeople takes out of a result what is meant for a model, and gives what a person is told instead, below it.
func forPeople(members []member) (shown []member, closing []string) {
	switch textOf(members, "status") {
	case tools.StatusDryRun:
		return without(members, "status", "next_step"), []string{"Nothing was done, since dry_run was given. Leave it out to do it."}
	case tools.StatusConfirmationRequired:
		// What to do about it goes to stderr, with the exit status.
		return without(members, "status", "confirmation", "confirmation_expires_at", "possible_duplicate_of", "next_step"), nil
	}
	if !listed(members) {
		return members, nil
	}
	// A list that is whole needs no word about it.
	if cursor := textOf(members, "next_cursor"); cursor != "" {
		return without(members, "complete", "next_cursor"), []string{"There is more. For the next part add: cursor=" + cursor}
	}
	for _, m := range members {
		if m.name == "complete" && string(m.value) == "true" {
			return without(members, "complete"), nil
		}
	}
	return members, nil
}

// textOf gives a member that is a text, or nothing.
func textOf(members []member, name string) string {
	for _, m := range members {
		var text string
		if m.name == name && json.Unmarshal(m.value, &text) == nil {
			return plainText(text)
		}
	}
	return ""
}

// reworded gives the members with another text for one.
func reworded(members []member, name, text string) []member {
	encoded, err := json.Marshal(text)
	if err != nil {
		return members
	}
	changed := slices.Clone(members)
	for i := range changed {
		if changed[i].name == name {
			changed[i].value = encoded
		}
	}
	return changed
}

// listed reports whether a result holds a list.
func listed(members []member) bool {
	for _, m := range members {
		if m.value[0] == '[' {
			return true
		}
	}
	return false
}
