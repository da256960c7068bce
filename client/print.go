package client

import "fmt"

// The types of this file hold a secret that a program must be able to read and must not print by accident: fmt and logs
// get the rest.

// String describes the key without the key itself.
func (k *CreatedKey) String() string {
	return fmt.Sprintf("API key %s %q %s", k.ID, k.Name, shownSecret(k.RawKey))
}

// GoString describes the key without the key itself.
func (k *CreatedKey) GoString() string { return k.String() }

// String describes the agent without its key.
func (a *CreatedAgent) String() string {
	return fmt.Sprintf("agent %s %q, key %s", a.ID, a.Name, shownSecret(a.RawAPIKey))
}

// GoString describes the agent without its key.
func (a *CreatedAgent) GoString() string { return a.String() }

// String describes the token without the token itself.
func (t *DelegatedToken) String() string {
	return fmt.Sprintf("payment token %s of %s credits %s", t.ID, t.AmountCredits, shownSecret(t.Token))
}

// GoString describes the token without the token itself.
func (t *DelegatedToken) GoString() string { return t.String() }

// String describes the token without the token itself.
func (e *Exchange) String() string {
	return fmt.Sprintf("payment token of %s credits %s", e.AmountCredits, shownSecret(e.Token))
}

// GoString describes the token without the token itself.
func (e *Exchange) GoString() string { return e.String() }

func shownSecret(secret string) string {
	if secret == "" {
		return "(none)"
	}
	return redacted
}
