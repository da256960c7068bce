package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// Permission is a kind of calls that a caller may be allowed.
type Permission string

// The permissions. Each tool needs exactly one.
const (
	// PermissionRead is for what changes nothing.
	PermissionRead Permission = "read"
	// PermissionWrite is for what creates, changes or deletes.
	PermissionWrite Permission = "write"
	// PermissionSecret is for what shows a key: who holds one needs no permission of this server any more.
	PermissionSecret Permission = "secret"
	// PermissionMoney is for what moves or spends credits.
	PermissionMoney Permission = "money"
)

// Permissions gives all of them, the harmless first.
func Permissions() []Permission {
	return []Permission{PermissionRead, PermissionWrite, PermissionSecret, PermissionMoney}
}

// permissionFor gives the permission that a tool needs.
func permissionFor(tool tools.Tool) Permission {
	switch {
	case tool.Class == client.Money || tool.Charged:
		return PermissionMoney
	case tool.Class == client.Secret:
		return PermissionSecret
	case tool.Class == client.Read:
		return PermissionRead
	default:
		return PermissionWrite
	}
}

// Permissions gives those that the tools of the server need, the harmless first.
func (s *Server) Permissions() []Permission {
	return slices.DeleteFunc(Permissions(), func(permission Permission) bool {
		return !slices.ContainsFunc(s.catalog.Tools(), func(tool tools.Tool) bool { return permissionFor(tool) == permission })
	})
}

// Principal is on whose behalf a request is made.
type Principal struct {
	// ID names the caller in sessions, handles, the journal and the log. It must not be a secret nor hold one.
	ID string
	// Key gives the caller's own key of the platform.
	Key func(context.Context) (string, error)
	// KeyAdvice says what to do when the platform refuses that key.
	KeyAdvice string
	// Verify asks whether the caller is who the request says, before anything is kept for them; nil where that is proven.
	Verify func(context.Context) error
	// Denied are the permissions that the caller lacks, each with the refusal that says how to get it.
	Denied map[Permission]*Refusal
}

// Authenticator finds out who sends a request.
type Authenticator interface {
	// Authenticate gives the principal of a request. The error is a *[Refusal], or is answered with status 503.
	Authenticate(r *http.Request) (Principal, error)
	// Documents are what is served to everybody beside MCP: JSON by its path.
	Documents() map[string][]byte
}

// Refusal says why a request is not served.
type Refusal struct {
	// Status is the HTTP status.
	Status int
	// Challenge is the value of the header WWW-Authenticate; empty for none.
	Challenge string
	// Reason is for people.
	Reason string
}

// Error gives the reason.
func (r *Refusal) Error() string { return fmt.Sprintf("%s (HTTP %d)", r.Reason, r.Status) }

type principalKey struct{}

func withPrincipal(ctx context.Context, who *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, who)
}

// principalOf gives the authenticated caller; nil when callers are not authenticated.
func principalOf(ctx context.Context) *Principal {
	who, _ := ctx.Value(principalKey{}).(*Principal)
	return who
}

// principalID names the authenticated caller; empty when callers are not authenticated.
func principalID(ctx context.Context) string {
	if who := principalOf(ctx); who != nil {
		return who.ID
	}
	return ""
}

// CallerKey gives the platform's key of the authenticated caller, for [client.WithKeySource]. Outside of a caller's
// request there is none: nothing is ever done with another's key.
func CallerKey(ctx context.Context) (string, error) {
	who := principalOf(ctx)
	if who == nil || who.Key == nil {
		return "", fmt.Errorf("%w: each caller brings their own, and nobody called", client.ErrMissingKey)
	}
	return who.Key(ctx)
}

// permittedKey carries the *tools.Catalog that the caller's permissions leave.
type permittedKey struct{}

// withPermitted leaves of the server's tools those that the caller may use.
func (s *Server) withPermitted(ctx context.Context, who *Principal) context.Context {
	if len(who.Denied) == 0 {
		return ctx
	}
	permitted := s.catalog.Tools()
	permitted = slices.DeleteFunc(permitted, func(tool tools.Tool) bool { return who.Denied[permissionFor(tool)] != nil })
	names := make([]string, 0, len(permitted))
	for _, tool := range permitted {
		names = append(names, tool.Name)
	}
	return context.WithValue(ctx, permittedKey{}, keep(s.catalog, names))
}

// keep gives the tools of a catalog that bear one of the names; none of them is an empty catalog.
func keep(catalog *tools.Catalog, names []string) *tools.Catalog {
	if len(names) == 0 {
		return &tools.Catalog{}
	}
	left, err := catalog.Select(tools.Filter{Tools: names})
	if err != nil {
		return &tools.Catalog{}
	}
	return left
}
