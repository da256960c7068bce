package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signingKeyBits is the size of the RSA key that payment tokens are signed with.
const signingKeyBits = 2048

// signer signs and checks the platform's JWTs. Its key is made at the first use and lives with the database.
type signer struct {
	mu  sync.Mutex
	key *rsa.PrivateKey
}

// signingKey gives the key. Of several processes that make one at once the first to store it wins.
func (p *Platform) signingKey(ctx context.Context) (*rsa.PrivateKey, error) {
	p.signer.mu.Lock()
	defer p.signer.mu.Unlock()
	if p.signer.key != nil {
		return p.signer.key, nil
	}
	var stored string
	err := p.database.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = 'signing_key'").Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		stored, err = p.makeSigningKey(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("get the signing key: %w", err)
	}
	block, _ := pem.Decode([]byte(stored))
	if block == nil {
		return nil, errors.New("get the signing key: it is not PEM")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("get the signing key: %w", err)
	}
	p.signer.key = key
	return key, nil
}

func (p *Platform) makeSigningKey(ctx context.Context) (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, signingKeyBits)
	if err != nil {
		return "", err
	}
	encoded := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	if _, err := p.database.ExecContext(ctx,
		"INSERT INTO settings (name, value) VALUES ('signing_key', ?) ON CONFLICT (name) DO NOTHING", encoded); err != nil {
		return "", err
	}
	err = p.database.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = 'signing_key'").Scan(&encoded)
	return encoded, err
}

// keyID names a public key.
func keyID(key *rsa.PublicKey) string {
	sum := sha256.Sum256(key.N.Bytes())
	return hex.EncodeToString(sum[:8])
}

// sign makes a JWT.
func (p *Platform) sign(ctx context.Context, claims jwt.MapClaims) (string, error) {
	key, err := p.signingKey(ctx)
	if err != nil {
		return "", err
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = keyID(&key.PublicKey)
	signed, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed, nil
}

// clockLeeway is how far the clocks of the platform and of whoever made a token may differ.
const clockLeeway = time.Minute

// checkSignature gives the claims of a JWT that this platform signed. Nothing in the token decides how it is checked.
func (p *Platform) checkSignature(ctx context.Context, text string) (jwt.MapClaims, error) {
	key, err := p.signingKey(ctx)
	if err != nil {
		return nil, err
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(p.now), jwt.WithLeeway(clockLeeway), jwt.WithoutClaimsValidation())
	if err != nil {
		return nil, errBadToken
	}
	return claims, nil
}

var errBadToken = errors.New("token is malformed or was not made here")

// signingKeys publishes the key that the platform's JWTs can be checked with.
func (p *Platform) signingKeys(r *request) (any, error) {
	key, err := p.signingKey(r.Context())
	if err != nil {
		return nil, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	return members{"keys": []members{{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": keyID(&key.PublicKey),
		"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
	}}}, nil
}

// origin is the platform's own address as the caller knows it: the issuer of what it signs.
func origin(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
