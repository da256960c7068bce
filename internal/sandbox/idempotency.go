package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// once makes work take effect once for an idempotency key: a repeat gets the first answer, another request under the
// same key is refused, with 409 when it names another lock and with 422 otherwise.
func (p *Platform) once(r *request, key, target string, raw []byte, work func(*sql.Tx) (members, error)) (any, error) {
	if key != "" && !validIdempotencyKey(key) {
		return nil, badRequest("Idempotency-Key must be 1 to 255 printable ASCII characters")
	}
	digest := sha256.Sum256(append([]byte(r.URL.Path+"\n"), canonical(raw)...))
	var answer members
	replayed := false
	err := p.inLedger(r.Context(), func(tx *sql.Tx) error {
		if key != "" {
			if err := p.forgetAnswers(r.Context(), tx); err != nil {
				return err
			}
			stored, err := storedAnswer(r, tx, key, target, digest[:])
			if stored != nil || err != nil {
				answer, replayed = stored, stored != nil
				return err
			}
		}
		var err error
		if answer, err = work(tx); err != nil || key == "" || answer["success"] == false {
			return err
		}
		encoded, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(r.Context(),
			"INSERT INTO idempotency (user_id, key, digest, target, answer, created_at) VALUES (?, ?, ?, ?, ?, ?)",
			r.caller.userID, key, digest[:], target, string(encoded), p.now().UnixMilli())
		return err
	})
	if err != nil {
		return nil, err
	}
	if replayed {
		r.writer.Header().Set("Idempotent-Replayed", "true")
		answer["replayed"] = true
	}
	return answer, nil
}

// answerLife is how long an answer is kept for repeats.
const answerLife = 24 * time.Hour

// The starts of keys that this platform makes of a payment itself. A payment is taken once, however late it comes again.
const (
	settledPayment   = "x402:"
	exchangedPayment = "exchange:"
)

func (p *Platform) forgetAnswers(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM idempotency WHERE created_at <= ? AND key NOT LIKE ? AND key NOT LIKE ?",
		p.now().Add(-answerLife).UnixMilli(), settledPayment+"%", exchangedPayment+"%")
	return err
}

func storedAnswer(r *request, tx *sql.Tx, key, target string, digest []byte) (members, error) {
	var storedDigest []byte
	var storedTarget, encoded string
	err := tx.QueryRowContext(r.Context(), "SELECT digest, target, answer FROM idempotency WHERE user_id = ? AND key = ?",
		r.caller.userID, key).Scan(&storedDigest, &storedTarget, &encoded)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil //nolint:nilnil // nothing is stored
	case err != nil:
		return nil, err
	case storedTarget != target:
		return nil, fail(http.StatusConflict, "idempotency_conflict", "this idempotency key belongs to another lock")
	case !bytes.Equal(storedDigest, digest):
		return nil, fail(http.StatusUnprocessableEntity, "idempotency_mismatch", "this idempotency key was used with another request")
	}
	var answer members
	if err := json.Unmarshal([]byte(encoded), &answer); err != nil {
		return nil, err
	}
	return answer, nil
}

func validIdempotencyKey(key string) bool {
	if len(key) > 255 {
		return false
	}
	for i := range len(key) {
		if key[i] < 0x21 || key[i] > 0x7e {
			return false
		}
	}
	return true
}

// canonical is a JSON object with its members in order and without the key that names it.
func canonical(raw []byte) []byte {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return raw
	}
	delete(object, "idempotencyKey")
	encoded, err := json.Marshal(object)
	if err != nil {
		return raw
	}
	return encoded
}
