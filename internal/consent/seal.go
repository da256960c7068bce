package consent

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// HandleLifetime is how long a handle may be used.
const HandleLifetime = 5 * time.Minute

// clockLeeway is how far ahead another replica's clock may be. A handle from further in the future means that a clock
// was set back, which must not lengthen its life.
const clockLeeway = time.Minute

// The layout of a handle: its version, then in base64url the key's id, the nonce id, and sealed with a key made for
// this nonce alone, what follows. A key that seals once needs no further nonce.
const (
	handleVersion = "c1"
	keyIDBytes    = 2
	nonceBytes    = 16
	expiryBytes   = 4
	tagBytes      = 3
	argumentTag   = 4
	duplicateTag  = 8
	bindingBytes  = 16
	sealedBytes   = expiryBytes + 2*tagBytes + argumentTag + duplicateTag + bindingBytes
	gcmTagBytes   = 16
	rawBytes      = keyIDBytes + nonceBytes + sealedBytes + gcmTagBytes
)

// handleLength is the number of characters of a handle.
var handleLength = len(handleVersion) + base64.RawURLEncoding.EncodedLen(rawBytes)

// terms are all that a handle is bound to.
type terms struct {
	Caller    string
	Tool      string
	Arguments []byte
	Amount    string
	Recipient string
	// Terms are what else was shown that must hold, or empty.
	Terms string
	// Duplicate is the id of the earlier call of the same effect that was shown, or empty.
	Duplicate string
}

// handle is an opened handle.
type handle struct {
	ID      string
	Expires time.Time
	// What the terms are compared with. The binding decides; the tags only tell which of the terms differs.
	caller, tool, arguments, duplicate, binding []byte
}

// sealer makes and opens handles.
type sealer struct {
	key, binding []byte
	keyID        []byte
}

func newSealer(key []byte) (*sealer, error) {
	binding, err := deriveKey(key, nil, "binding")
	if err != nil {
		return nil, err
	}
	keyID, err := deriveKey(key, nil, "key id")
	if err != nil {
		return nil, err
	}
	return &sealer{key: key, binding: binding, keyID: keyID[:keyIDBytes]}, nil
}

// newID gives a nonce id of 128 random bits. crypto/rand never fails.
func newID() string {
	id := make([]byte, nonceBytes)
	_, _ = rand.Read(id)
	return hex.EncodeToString(id)
}

// seal makes the handle of an id.
func (s *sealer) seal(id string, expires time.Time, agreed terms) (string, error) {
	nonce, err := hex.DecodeString(id)
	if err != nil || len(nonce) != nonceBytes {
		return "", fmt.Errorf("seal handle: its id is not %d bytes", nonceBytes)
	}
	duplicate, err := hex.DecodeString(agreed.Duplicate)
	if err != nil {
		return "", errors.New("seal handle: the earlier call's id is not hexadecimal")
	}
	plain := binary.BigEndian.AppendUint32(make([]byte, 0, sealedBytes), uint32(expires.Unix())) //nolint:gosec // until the year 2106
	plain = append(plain, s.tag("caller", agreed.Caller)...)
	plain = append(plain, s.tag("tool", agreed.Tool)...)
	plain = append(plain, keyedDigest(s.binding, []byte("arguments"), agreed.Arguments)[:argumentTag]...)
	plain = append(plain, append(duplicate, make([]byte, duplicateTag)...)[:duplicateTag]...)
	plain = append(plain, s.bind(agreed)...)
	aead, err := s.aead(nonce)
	if err != nil {
		return "", err
	}
	head := append(append(make([]byte, 0, rawBytes), s.keyID...), nonce...)
	raw := aead.Seal(head, make([]byte, aead.NonceSize()), plain, s.header()) //nolint:gosec // the key is used once
	return handleVersion + base64.RawURLEncoding.EncodeToString(raw), nil
}

// open tells what is in a handle, or what is wrong with it. It does not look at the clock.
func (s *sealer) open(text string) (handle, error) {
	text = strings.TrimSpace(text)
	switch {
	case len(text) > handleLength || !strings.HasPrefix(text, handleVersion):
		return handle{}, refuseHandle("it is not one that this server gives")
	case len(text) < handleLength:
		return handle{}, refuseHandle("it is cut short")
	}
	encoded := text[len(handleVersion):]
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != encoded {
		return handle{}, refuseHandle("it was altered")
	}
	if !bytes.Equal(raw[:keyIDBytes], s.keyID) {
		return handle{}, refuseHandle("it was altered, or made by a server with another journal")
	}
	nonce := raw[keyIDBytes : keyIDBytes+nonceBytes]
	aead, err := s.aead(nonce)
	if err != nil {
		return handle{}, err
	}
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), raw[keyIDBytes+nonceBytes:], s.header())
	if err != nil {
		return handle{}, refuseHandle("it was altered")
	}
	opened := handle{ID: hex.EncodeToString(nonce), Expires: time.Unix(int64(binary.BigEndian.Uint32(plain)), 0).UTC()}
	plain = plain[expiryBytes:]
	opened.caller, plain = plain[:tagBytes], plain[tagBytes:]
	opened.tool, plain = plain[:tagBytes], plain[tagBytes:]
	opened.arguments, plain = plain[:argumentTag], plain[argumentTag:]
	opened.duplicate, opened.binding = plain[:duplicateTag], plain[duplicateTag:]
	return opened, nil
}

// aead gives the cipher for one nonce.
func (s *sealer) aead(nonce []byte) (cipher.AEAD, error) {
	key, err := deriveKey(s.key, nonce, "seal")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return aead, nil
}

// header is authenticated with every handle.
func (s *sealer) header() []byte { return append([]byte(handleVersion), s.keyID...) }

func (s *sealer) tag(kind, value string) []byte {
	return keyedDigest(s.binding, []byte(kind), []byte(value))[:tagBytes]
}

func (s *sealer) bind(agreed terms) []byte {
	duplicate := agreed.Duplicate
	if len(duplicate) > 2*duplicateTag {
		duplicate = duplicate[:2*duplicateTag]
	}
	parts := [][]byte{
		[]byte("terms"), []byte(agreed.Caller), []byte(agreed.Tool), agreed.Arguments,
		[]byte(agreed.Amount), []byte(agreed.Recipient), []byte(duplicate),
	}
	if agreed.Terms != "" { // without them it is the binding of servers that know of none
		parts = append(parts, []byte(agreed.Terms))
	}
	return keyedDigest(s.binding, parts...)[:bindingBytes]
}
