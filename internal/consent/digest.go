package consent

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// keyBytes is the length of the journal's key and of all keys made from it.
const keyBytes = 32

// idempotencyMember names the effect without being part of it.
const idempotencyMember = "idempotency_key"

// deriveKey makes a key for one purpose, so that no use of the journal's key helps against another.
func deriveKey(key, salt []byte, purpose string) ([]byte, error) {
	derived, err := hkdf.Key(sha256.New, key, salt, "robutler-mcp consent "+purpose, keyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return derived, nil
}

// keyedDigest is HMAC-SHA256 over the parts, each with its length before it, so that no two lists of parts collide.
func keyedDigest(key []byte, parts ...[]byte) []byte {
	digest := hmac.New(sha256.New, key)
	for _, part := range parts {
		digest.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		digest.Write(part)
	}
	return digest.Sum(nil)
}

// digests are what the journal knows a call by.
type digests struct {
	// effect is of what the call does, however its target was named: the same again may be a mistake.
	effect string
	// given is of the arguments: no idempotency key and no handle goes with others.
	given string
	// written is of the arguments as journals of earlier versions have them.
	written string
}

// apart is the digest of the arguments where that of the effect is another one, and is empty where they are the same.
func (d digests) apart() string {
	if d.given == d.effect {
		return ""
	}
	return d.given
}

// withTarget puts the id of a call's target in place of the reference that it was found by.
func withTarget(arguments json.RawMessage, reference, target string) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &members); err != nil {
		return nil, errNotAnObject
	}
	var err error
	if members[reference], err = json.Marshal(target); err != nil {
		return nil, errNotAnObject
	}
	return json.Marshal(members)
}

var errNotAnObject = errors.New("it is not one JSON object")

// canonicalArguments gives arguments one form: members sorted, no spaces, numbers as they were written. The effect leaves
// out what names it without changing it.
func canonicalArguments(arguments json.RawMessage) (all, effect json.RawMessage, err error) {
	if len(bytes.TrimSpace(arguments)) == 0 {
		return json.RawMessage("{}"), json.RawMessage("{}"), nil
	}
	decoder := json.NewDecoder(bytes.NewReader(arguments))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil || members == nil {
		return nil, nil, errNotAnObject
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errNotAnObject
	}
	if all, err = json.Marshal(members); err != nil {
		return nil, nil, errNotAnObject
	}
	if _, named := members[idempotencyMember]; !named {
		return all, all, nil
	}
	delete(members, idempotencyMember)
	if effect, err = json.Marshal(members); err != nil {
		return nil, nil, errNotAnObject
	}
	return all, effect, nil
}
