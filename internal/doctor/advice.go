package doctor

import (
	"errors"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

// advice is what a person can do about a kind of failure of the platform. What [tools.Explain] says is for a model, which
// has somebody to tell.
type advice struct {
	kind error
	fix  string
}

// advices lists the kinds of failures, in the order in which they are told apart.
func (s Subject) advices() []advice {
	return []advice{
		{client.ErrMissingKey, "Set " + client.KeyVariable + " to your API key, or use --sandbox."},
		{client.ErrUnauthorized, "Make a key at https://robutler.ai/developer and put it where this one is from: " + s.Settings.KeyOrigin + "."},
		{client.ErrForbidden, "Use a key that may read its own account."},
		{client.ErrNotFound, "Something answers that has no such route. " + s.perhapsAddress()},
		{client.ErrRateLimited, "Wait a minute, then run doctor again."},
		{client.ErrUnsupported, "Something answers that has no such route. " + s.perhapsAddress()},
		{client.ErrRejected, "Run doctor again later; if it goes on, report it with what doctor --json prints."},
		{client.ErrCanceled, "Run doctor again."},
		{client.ErrTimeout, "Run doctor again in a moment; for a slow line there is --timeout."},
		{client.ErrUnavailable, s.reachIt()},
		{client.ErrRedirect, "Use the address that it leads to, if that is the platform's: redirects are never followed. " + s.perhapsAddress()},
		{client.ErrBadResponse, "Open the address in a browser: a login page or a proxy may answer in the platform's place. " + s.perhapsAddress()},
		{client.ErrUpstream, "Run doctor again later; if it goes on, tell whoever runs the platform."},
	}
}

// reachIt says what to do about a platform that does not answer: on this machine there is no network to look at.
func (s Subject) reachIt() string {
	if s.onThisMachine() {
		return "Start the platform that is to answer on this machine. " + s.perhapsAddress()
	}
	if _, chosen := s.Settings.Origin("base-url"); !chosen {
		return s.correctAddress()
	}
	return "Check the network, a proxy or a firewall. " + s.perhapsAddress()
}

// Failures gives the words that tell the failures of the platform apart.
func Failures() []string {
	var words []string
	for _, known := range (Subject{Settings: &config.Config{}}).advices() {
		words = append(words, known.kind.Error())
	}
	return words
}

// explained words a failure for people.
func (s Subject) explained(check string, err error) Finding {
	told := tools.Explain(err)
	if errors.Is(err, client.ErrUnavailable) && !s.Settings.Sandbox && !s.onThisMachine() && !s.connected() {
		return Finding{check, Failed, told.Message + "; this machine has no network", connect}
	}
	for _, known := range s.advices() {
		if errors.Is(err, known.kind) {
			return Finding{check, Failed, told.Message, known.fix}
		}
	}
	return Finding{check, Failed, told.Message, "Run doctor again with --log-level debug, which says more."}
}
