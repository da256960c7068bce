package sandbox

import (
	"net/http"

	"github.com/robutlerai/robutler-mcp/internal/webguard"
)

// LocalHandler serves what [Platform.Handler] does, to the programs of this machine alone: a web page that reaches it,
// from another origin or under another name, is refused with status 403.
func (p *Platform) LocalHandler() http.Handler {
	guard := &webguard.Guard{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !guard.AllowsHost(r):
			p.respondFailure(w, fail(http.StatusForbidden, "forbidden", "the embedded platform is not served under that Host"))
		case !guard.AllowsOrigin(r):
			p.respondFailure(w, fail(http.StatusForbidden, "forbidden", "web pages may not call the embedded platform"))
		default:
			p.handler.ServeHTTP(w, r)
		}
	})
}
