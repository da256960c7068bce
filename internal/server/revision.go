package server

import (
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// knownRevision refuses a request whose header names a revision of the protocol that there is not. The library does so,
// too, but not in JSON.
func knownRevision(w http.ResponseWriter, r *http.Request) bool {
	version := field(r.Header, mcp.HeaderProtocolVersion)
	if version == "" || mcp.IsValidProtocolVersion(version) {
		return true
	}
	refuse(w, http.StatusBadRequest,
		"the header "+mcp.HeaderProtocolVersion+" names no version that is served: "+strings.Join(mcp.ValidProtocolVersions, ", "))
	return false
}

// refusalOf words what the library refuses in plain text: messages of sessions that ended a moment ago, and answers to
// what was not asked.
func refusalOf(status int) []byte {
	reason := "the message answers nothing that this session was asked"
	if status == http.StatusNotFound {
		reason = "there is no such session; initialize again"
	}
	return append(errorMessage(nil, invalid(reason)), '\n')
}

// isCancellation reports whether a client gives up a call. With an id it would be a request, of a method that there is not.
func (m message) isCancellation() bool {
	return m.Method == string(mcp.MethodNotificationCancelled) && m.ID == nil
}
