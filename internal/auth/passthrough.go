package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/server"
)

// verifyTime bounds how long a caller who opens a session waits for the platform to know the key.
const verifyTime = 10 * time.Second

// Passthrough takes each request's bearer for the caller's key of the platform, which this server is a resource of. The
// platform judges the key with every call; nothing is kept from one request to the next.
type Passthrough struct {
	// Name names a caller by the key, without giving it away.
	Name func(key string) string
	// Validate asks the platform whether it knows the key of the caller in the context.
	Validate func(context.Context) (bool, error)
}

var _ server.Authenticator = Passthrough{}

// Authenticate gives the principal that a request's bearer stands for.
func (p Passthrough) Authenticate(r *http.Request) (server.Principal, error) {
	key, fault := bearerOf(r)
	if fault != nil {
		return server.Principal{}, fault.refusal(challenge{})
	}
	return server.Principal{
		ID:  p.Name(key),
		Key: func(context.Context) (string, error) { return key, nil },
		KeyAdvice: "Tell the user: the platform does not know the key that this client sends as its bearer. Keys are made at " +
			"https://robutler.ai/developer.",
		Verify: p.verify,
	}, nil
}

// verify asks the platform whether it knows the key. A platform that answers anything else than that it does not knows it.
func (p Passthrough) verify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	known, err := p.Validate(ctx)
	switch {
	case err == nil && !known, errors.Is(err, client.ErrUnauthorized):
		unknown := &fault{http.StatusUnauthorized, errorInvalidToken, "the platform does not know this key"}
		return unknown.refusal(challenge{})
	case err == nil, errors.Is(err, client.ErrForbidden), errors.Is(err, client.ErrUnsupported):
		return nil
	default:
		return err
	}
}

// Documents gives none: the keys come from the platform, not from an authorization server.
func (Passthrough) Documents() map[string][]byte { return nil }
