package client

import (
	"encoding/json"
	"slices"
	"strings"
)

// verdict is what an answer that came with a success status says of the call in its members.
type verdict struct {
	// no says that the call failed; problem that there is an error, though not that nothing was done; pending that the
	// effect is still to come.
	no, problem, pending bool
}

// verdictOf reads the members that tell.
func verdictOf(members []part) verdict {
	var told struct {
		Success, OK, Status, Error []byte
	}
	for _, member := range members {
		switch strings.ToLower(string(member.key)) {
		case "success":
			told.Success = member.value
		case "ok":
			told.OK = member.value
		case "status":
			told.Status = member.value
		case "error":
			told.Error = member.value
		}
	}
	var said verdict
	yes := saysYes(told.Success)
	switch strings.ToLower(strings.Trim(string(told.Status), `"`)) {
	case "error", "failed":
		said.no = true
	case "pending", "processing", "queued", "accepted", "in_progress":
		said.pending = !yes
	}
	said.no = said.no || saysNo(told.Success) || saysNo(told.OK)
	switch text := strings.TrimSpace(string(told.Error)); text {
	case "", "null", "false", `""`, "{}", "[]":
	default:
		said.problem = !yes
	}
	return said
}

// failed reports whether an answer that came with a success status says in its members that the call failed.
func failed(members []part) bool {
	said := verdictOf(members)
	return said.no || said.problem
}

// saysNo reports whether a member stands for false, in whatever type.
func saysNo(member json.RawMessage) bool {
	switch strings.ToLower(strings.Trim(strings.TrimSpace(string(member)), `"`)) {
	case "false", "0", "no":
		return true
	default:
		return false
	}
}

// saysYes reports whether a member stands for true, in whatever type.
func saysYes(member json.RawMessage) bool {
	switch strings.ToLower(strings.Trim(strings.TrimSpace(string(member)), `"`)) {
	case "true", "1", "yes":
		return true
	default:
		return false
	}
}

// guarded reports whether an answer that says neither yes nor no leaves open what was done: none of these may be taken
// for done, or for not done, without being it.
func (o *operation) guarded() bool {
	return o.Class == Money || o.Class == Secret || o.Class == Delete
}

// handsOut reports whether an answer gives what was made, and it alone: what is in the hand was made, and must not be lost.
// Beside an error a token may be any word; a lock or a raw key is one.
func (o *operation) handsOut(members []part, said verdict) bool {
	var names []string
	switch o.id {
	case paymentLock:
		names = []string{"lockid"}
	case keyCreate, agentKeyGet, agentKeyRegenerate:
		if names = []string{"rawkey", "rawapikey", "apikey"}; said.problem {
			names = names[:1]
		}
	case tokenDelegate, facilitatorExchange:
		if !said.problem {
			names = []string{"token"}
		}
	default:
	}
	return slices.ContainsFunc(members, func(member part) bool {
		return slices.Contains(names, strings.ToLower(string(member.key))) && len(member.value) > len(`""`) && member.value[0] == '"'
	})
}

// undecided completes the error for an answer that promises the effect for later.
func undecided(apiError *APIError) *APIError {
	apiError.Message = "the platform took the call and has not carried it out yet"
	return apiError
}
