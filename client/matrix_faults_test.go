package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/faultnet"
)

// matrixFault is a way in which the platform or the network fails, what a read and a write must make of it, and how
// often they may ask.
type matrixFault struct {
	name        string
	handler     http.HandlerFunc
	network     faultnet.Fault
	transport   func(*testing.T) http.RoundTripper
	read, write error
	// repeats says that reads are sent again; again names the writes that are, too.
	repeats bool
	again   []client.Class
	// walks says that every route is tried, once.
	walks bool
	// notSent says that nothing can have reached the platform.
	notSent bool
}

func answerWith(status int, contentType, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// changes are the writes that may be repeated when the platform has not started.
var changes = []client.Class{client.Update, client.Delete} //nolint:gochecknoglobals // a constant of the tests

const jsonType = "application/json"

func matrixFaults() []matrixFault {
	return append(append(refusals(), failures()...), networkFaults()...)
}

// refusals are definite: the platform says that it did nothing.
func refusals() []matrixFault {
	refuse := func(status int, kind error) matrixFault {
		return matrixFault{handler: answerWith(status, jsonType, `{"error":"x"}`), read: kind, write: kind}
	}
	named := func(name string, f matrixFault) matrixFault { f.name = name; return f }
	rows := []matrixFault{
		named("400", refuse(400, client.ErrInvalidArgument)), named("401", refuse(401, client.ErrUnauthorized)),
		named("402", refuse(402, client.ErrInsufficientFunds)), named("403", refuse(403, client.ErrForbidden)),
		named("409", refuse(409, client.ErrConflict)), named("410", refuse(410, client.ErrUnsupported)),
		named("413", refuse(413, client.ErrInvalidArgument)), named("422", refuse(422, client.ErrInvalidArgument)),
	}
	const date, later, earlier = "Mon, 01 Jan 2024 00:00:00 GMT", "Mon, 01 Jan 2024 01:00:00 GMT", "Sun, 31 Dec 2023 23:00:00 GMT"
	limited := func(name string, headers ...string) matrixFault {
		return matrixFault{name: name, handler: answerWith(429, jsonType, `{"error":"x"}`, headers...), read: client.ErrRateLimited, write: client.ErrRateLimited}
	}
	soon := append([]client.Class{client.Create}, changes...)
	for _, row := range []matrixFault{limited("429, at once", "Retry-After", "0"), limited("429, a past date", "Date", date, "Retry-After", earlier)} {
		row.repeats, row.again = true, soon
		rows = append(rows, row)
	}
	return append(rows, limited("429, much later", "Retry-After", "3600"), limited("429, a date", "Date", date, "Retry-After", later),
		matrixFault{name: "404", handler: answerWith(404, jsonType, `{"error":"x"}`), read: client.ErrNotFound, write: client.ErrNotFound, walks: true},
		matrixFault{name: "404, the route", handler: answerWith(404, jsonType, `{"error":"route not found","code":"not_found"}`), read: client.ErrUnsupported, write: client.ErrUnsupported, walks: true},
		matrixFault{name: "404, the thing", handler: answerWith(404, jsonType, `{"error":"token not found","code":"token_not_found"}`), read: client.ErrNotFound, write: client.ErrNotFound, walks: true},
		matrixFault{name: "405", handler: answerWith(405, jsonType, `{"error":"x"}`), read: client.ErrUnsupported, write: client.ErrUnsupported, walks: true},
		matrixFault{name: "redirect", handler: answerWith(308, jsonType, "", "Location", "http://evil.example/"), read: client.ErrRedirect, write: client.ErrRedirect},
		matrixFault{name: "200 with an error", handler: answerWith(200, jsonType, `{"success":false,"error":"x"}`), read: client.ErrRejected, write: client.ErrRejected},
		matrixFault{name: "echo", handler: echo, read: client.ErrInvalidArgument, write: client.ErrInvalidArgument},
	)
}

// failures leave open what happened to a write.
func failures() []matrixFault {
	failing := func(name string, read error, repeats bool, handler http.HandlerFunc) matrixFault {
		return matrixFault{name: name, handler: handler, read: read, write: client.ErrOutcomeUnknown, repeats: repeats}
	}
	told := failing("503, at once", client.ErrUpstream, true, answerWith(503, jsonType, `{}`, "Retry-After", "0"))
	told.again = changes
	return []matrixFault{
		told,
		failing("408", client.ErrTimeout, true, answerWith(408, jsonType, `{"error":"x"}`)),
		failing("500", client.ErrUpstream, true, answerWith(500, jsonType, `{"error":"x"}`)),
		failing("502", client.ErrUpstream, true, answerWith(502, "text/html", `<html>bad gateway</html>`)),
		failing("503", client.ErrUpstream, true, answerWith(503, jsonType, `{"error":"x"}`)),
		failing("504", client.ErrUpstream, true, answerWith(504, jsonType, `{}`)),
		failing("web page", client.ErrBadResponse, false, answerWith(200, "text/html", "<html>login</html>")),
		failing("empty", client.ErrBadResponse, false, answerWith(200, jsonType, "")),
		failing("204", client.ErrBadResponse, false, answerWith(204, jsonType, "")),
		failing("half JSON", client.ErrBadResponse, false, answerWith(200, jsonType, `{"a":`)),
		failing("an array", client.ErrBadResponse, false, answerWith(200, jsonType, `[]`)),
		failing("nothing of it", client.ErrBadResponse, false, answerWith(200, jsonType, `{"unrelated":1}`)),
		failing("wrong types", client.ErrBadResponse, false, answerWith(200, jsonType, wrongTypes())),
		failing("gzip bomb", client.ErrBadResponse, false, gzipBomb),
		failing("endless", client.ErrBadResponse, false, endless),
	}
}

func networkFaults() []matrixFault {
	unsent := matrixFault{read: client.ErrUnavailable, write: client.ErrUnavailable, notSent: true}
	refused, nowhere, untrusted := unsent, unsent, unsent
	refused.name, refused.transport = "refused", refusing
	nowhere.name, nowhere.transport = "no such host", hostless
	untrusted.name, untrusted.transport = "untrusted", distrusting
	unknown := client.ErrOutcomeUnknown
	return []matrixFault{
		refused, nowhere, untrusted,
		{name: "stall", network: faultnet.Stall, read: client.ErrTimeout, write: unknown},
		{name: "drip", network: faultnet.Drip, read: client.ErrTimeout, write: unknown},
		{name: "cut off", network: faultnet.TruncateBody, read: client.ErrBadResponse, write: unknown, repeats: true},
		{name: "closed at once", network: faultnet.CloseAtOnce, read: client.ErrUnavailable, write: unknown, repeats: true},
		{name: "closed", network: faultnet.CloseAfterRequest, read: client.ErrUnavailable, write: unknown, repeats: true},
		{name: "reset", network: faultnet.ResetAfterRequest, read: client.ErrUnavailable, write: unknown, repeats: true},
	}
}

// wrongTypes holds the members that the platform's answers have, each of a type that it never is.
func wrongTypes() string {
	body := map[string]any{}
	for _, name := range []string{
		"agent", "id", "name", "displayName", "username", "text", "base64", "user", "email", "credits", "availableCredits", "totalCredits",
		"usedCredits", "availableBalance", "availableDollars", "rawKey", "key", "apiKey", "rawApiKey", "valid", "isValid", "balance", "success", "charged",
		"chargedDollars", "lockId", "lockedAmount", "newAmount", "token", "tokenId", "amount", "data", "choices", "usage", "url", "exchangeRates",
	} {
		body[name] = []any{map[string]any{}}
	}
	for _, name := range []string{"agents", "content", "files", "items", "transactions", "keys", "schemes", "kinds", "results", "intents"} {
		body[name] = "none"
	}
	encoded, _ := json.Marshal(body) //nolint:errchkjson // it always encodes
	return string(encoded)
}

// echo answers with everything that was sent, secrets included.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", r.Header.Get("X-API-Key"))
	w.WriteHeader(http.StatusBadRequest)
	text := r.Header.Get("Authorization") + " " + r.Header.Get("X-API-Key") + " " + r.URL.RawQuery + " tok_canary:canarysecret"
	encoded, _ := json.Marshal(map[string]string{"error": text, "code": r.Header.Get("X-API-Key")})
	_, _ = w.Write(encoded)
}
