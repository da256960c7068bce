package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// failure is an answer other than success. Its message is for whoever called.
type failure struct {
	status  int
	code    string
	message string
}

func (f *failure) Error() string { return f.message }

func fail(status int, code, format string, a ...any) *failure {
	return &failure{status: status, code: code, message: fmt.Sprintf(format, a...)}
}

func badRequest(format string, a ...any) *failure {
	return fail(http.StatusBadRequest, "bad_request", format, a...)
}

func notFound(what string) *failure {
	return fail(http.StatusNotFound, "not_found", "%s not found", what)
}

// orNotFound turns a query's finding no row into the answer for it.
func orNotFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return notFound(what)
	}
	return err
}

// members is a JSON object of an answer.
type members map[string]any

// respond answers with status 200, the only one that clients of 2025 take as success.
func (p *Platform) respond(w http.ResponseWriter, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		p.logger.Error("sandbox: encode answer", slog.Any("error", err))
		p.respondFailure(w, fail(http.StatusInternalServerError, "internal", "internal error"))
		return
	}
	writeJSON(w, http.StatusOK, encoded)
}

// respondFailure answers with an error that every generation of clients can read: they look for the text in different
// members.
func (p *Platform) respondFailure(w http.ResponseWriter, err error) {
	var told *failure
	if !errors.As(err, &told) {
		p.logger.Error("sandbox: request failed", slog.Any("error", err))
		told = fail(http.StatusInternalServerError, "internal", "internal error")
	}
	encoded, err := json.Marshal(members{"error": told.message, "message": told.message, "code": told.code, "status": told.status})
	if err != nil {
		encoded = []byte(`{"error":"internal error","message":"internal error"}`)
	}
	writeJSON(w, told.status, encoded)
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has left needs no answer
}
