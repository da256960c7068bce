package client

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// APIKey describes an API key of the owner. The key itself is shown at its creation only.
type APIKey struct {
	ID, Name string
	// Prefix is the key's first characters.
	Prefix   string
	IsActive bool
	// CreatedAt, ExpiresAt and LastUsedAt are nil where the platform does not tell them.
	CreatedAt, ExpiresAt, LastUsedAt *time.Time
}

// UnmarshalJSON reads an API key's row.
func (k *APIKey) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID           text            `json:"id"`
		Name         text            `json:"name"`
		KeyPrefix    text            `json:"keyPrefix"`
		IsActive     json.RawMessage `json:"isActive"`
		CreatedAt    moment          `json:"createdAt"`
		CreatedSnake moment          `json:"created_at"`
		ExpiresAt    moment          `json:"expiresAt"`
		LastUsedAt   moment          `json:"lastUsedAt"`
		LastUsed     moment          `json:"lastUsed"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	var active flag
	if wire.IsActive == nil {
		active = true // a platform that does not tell lists active keys only
	} else if err := active.UnmarshalJSON(wire.IsActive); err != nil {
		return err
	}
	created, used := wire.CreatedAt.pointer(), wire.LastUsedAt.pointer()
	if created == nil {
		created = wire.CreatedSnake.pointer()
	}
	if used == nil {
		used = wire.LastUsed.pointer()
	}
	*k = APIKey{
		ID: string(wire.ID), Name: string(wire.Name), Prefix: string(wire.KeyPrefix), IsActive: bool(active),
		CreatedAt: created, ExpiresAt: wire.ExpiresAt.pointer(), LastUsedAt: used,
	}
	return nil
}

// APIKeysService lists, creates and deletes the owner's API keys.
type APIKeysService struct{ client *Client }

// List gives the owner's API keys, without the keys themselves.
//
// Route: GET /api-keys.
func (s *APIKeysService) List(ctx context.Context) ([]APIKey, error) {
	o := s.client.operation(keyList)
	got, err := s.client.do(ctx, o, call{})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Keys rows[APIKey] `json:"keys"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	return wire.Keys.must(o)
}

// Create makes an API key of the owner. The platform shows the key here and never again. It is never sent again by
// itself.
//
// Route: POST /api-keys.
func (s *APIKeysService) Create(ctx context.Context, name string) (*CreatedKey, error) {
	o := s.client.operation(keyCreate)
	if strings.TrimSpace(name) == "" {
		return nil, invalidArgument(o.Name, "the key needs a name")
	}
	got, err := s.client.do(ctx, o, call{body: map[string]any{"name": name, "permissions": map[string]any{}}})
	if err != nil {
		return nil, err
	}
	key, err := decodeKey(o, got.body)
	if err == nil && key.RawKey == "" {
		return nil, unusable(o, "the answer holds no key")
	}
	return key, err
}

// Delete revokes an API key of the owner. When the platform does not say whether it did, the keys are listed: if it is
// gone, the deletion counts as done.
//
// Route: DELETE /api-keys/{id}.
func (s *APIKeysService) Delete(ctx context.Context, id string) (*Deletion, error) {
	o := s.client.operation(keyDelete)
	_, err := s.client.do(ctx, o, call{identifiers: map[string]string{"key": id}})
	if err == nil {
		return &Deletion{}, nil
	}
	if !errors.Is(err, ErrOutcomeUnknown) {
		return nil, err
	}
	keys, lookup := s.List(ctx)
	if lookup != nil || slices.ContainsFunc(keys, func(k APIKey) bool { return k.ID == id }) {
		return nil, err
	}
	return &Deletion{AlreadyAbsent: true}, nil
}
