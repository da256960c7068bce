package client

import (
	"context"
	"encoding/json"
)

// CreatedKey is an API key with the key itself, where the platform shows it.
type CreatedKey struct {
	APIKey
	// RawKey is the key itself. The platform shows it once; keep it or lose it.
	RawKey string
}

// UnmarshalJSON reads a key's answer: nested under "key" with the key beside it, flat, or the key alone.
func (k *CreatedKey) UnmarshalJSON(data []byte) error {
	var wire struct {
		RawKey text            `json:"rawKey"`
		APIKey text            `json:"apiKey"`
		Key    json.RawMessage `json:"key"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	var flat string
	if json.Unmarshal(wire.Key, &flat) != nil {
		flat = ""
	}
	*k = CreatedKey{RawKey: first(wire.RawKey, wire.APIKey, text(flat))}
	return k.APIKey.UnmarshalJSON(unwrap(data, "key"))
}

// APIKey gives an agent's API key: the key itself from a platform of 2025, its description from one of 2026, where
// only [AgentsService.RegenerateAPIKey] shows a key. It returns [ErrNotFound] when the agent has none.
//
// Route: GET /agents/{id or name}/api-key.
func (s *AgentsService) APIKey(ctx context.Context, idOrName string) (*CreatedKey, error) {
	o := s.client.operation(agentKeyGet)
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": idOrName}})
	if err != nil {
		return nil, err
	}
	return decodeKey(o, got.body)
}

// RegenerateAPIKey replaces an agent's API key by a new one, which the platform shows here and never again. The old
// key stops working. It is never sent again by itself.
//
// Route: POST /agents/{id or name}/api-key (2026).
func (s *AgentsService) RegenerateAPIKey(ctx context.Context, idOrName string) (*CreatedKey, error) {
	o := s.client.operation(agentKeyRegenerate)
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": idOrName}})
	if err != nil {
		return nil, err
	}
	key, err := decodeKey(o, got.body)
	if err == nil && key.RawKey == "" {
		return nil, unusable(o, "the answer holds no key")
	}
	return key, err
}

func decodeKey(o *operation, body []byte) (*CreatedKey, error) {
	key := new(CreatedKey)
	if err := decodeAnswer(o, body, key); err != nil {
		return nil, err
	}
	if key.RawKey == "" && key.ID == "" {
		return nil, unusable(o, "the answer holds no key")
	}
	return key, nil
}
