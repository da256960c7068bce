package sandbox

import (
	"net/http"
	"strconv"
)

// admission is who may use a route: any of these kinds of callers. Two keys of one user are not the same caller.
type admission uint8

const (
	// userKeys are the keys that users make for themselves.
	userKeys admission = 1 << iota
	// commandLines are the tokens that command lines were given.
	commandLines
	// agentKeys are the agents' own keys.
	agentKeys
	// accessTokens are what users hand out under spending limits.
	accessTokens
	// strangers come without a key.
	strangers

	// owners manage what the user has; spending is no part of it.
	owners = userKeys | commandLines
	// spenders dispose of the user's credits, within their limits.
	spenders = owners | accessTokens
	// itself is for owners, and for an agent's key about that agent.
	itself = owners | agentKeys
	// everyone is everybody with a key.
	everyone = itself | accessTokens
	// anybody needs no key.
	anybody = everyone | strangers
)

// kind is what a caller came with.
func (c caller) kind() admission {
	switch {
	case c.userID == "":
		return strangers
	case c.agentID != "":
		return agentKeys
	case c.accessTokenID != "":
		return accessTokens
	case c.commandLine:
		return commandLines
	default:
		return userKeys
	}
}

// admit refuses callers that a route is not for.
func (a admission) admit(who caller) error {
	kind := who.kind()
	if a&kind != 0 {
		return nil
	}
	message := "only an agent's own key may do this"
	switch {
	case kind == agentKeys:
		message = "an agent's own key may not do this; use its owner's"
	case kind == accessTokens:
		message = "an access token may not do this; use the user's own key"
	case kind == commandLines && a&userKeys != 0:
		message = "a command line's token may not do this; use an API key"
	}
	return fail(http.StatusForbidden, wrongKey, "%s", message)
}

// wrongKey is the code of a refusal that is for the kind of key, whatever it is asked for.
const wrongKey = "wrong_key"

// guarded finds out who calls, and acts if the route is for them.
func (p *Platform) guarded(pattern string, entry route) http.HandlerFunc {
	answer := func(w http.ResponseWriter, r *http.Request) (any, error) {
		asked := &request{Request: r, writer: w}
		// A route for strangers still refuses a wrong key: whoever sends one wants to know.
		if _, sent := presentedKey(r); sent || entry.admits&strangers == 0 {
			var err error
			if asked.caller, err = p.authenticate(r); err != nil {
				return nil, err
			}
		}
		if err := entry.admits.admit(asked.caller); err != nil {
			return nil, err
		}
		if wait, exceeded := p.limits.exceeded(pattern, asked.caller.userID); exceeded {
			w.Header().Set("Retry-After", strconv.Itoa(wait))
			return nil, fail(http.StatusTooManyRequests, "rate_limited", "too many requests")
		}
		return entry.act(asked)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := answer(w, r)
		if err != nil {
			p.respondFailure(w, err)
			return
		}
		if _, sent := body.(written); !sent {
			p.respond(w, body)
		}
	}
}
