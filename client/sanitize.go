package client

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// compiled gives a regular expression that is compiled when it is first needed: most starts of a program need none of them.
func compiled(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// maxMessageLength bounds what an error quotes from the platform, in characters.
const maxMessageLength = 200

// secretShapes are the forms of the platform's secrets: API keys, opaque payment tokens, JWTs, bearer headers, payments
// and their signatures, private keys.
var secretShapes = compiled(
	`(?:rok_|sk_(?:live|test)_|\b(?:rb|rob|sk|pt)_)[A-Za-z0-9_-]{6,}|\btok_[A-Za-z0-9_-]+:[A-Za-z0-9_-]+|` +
		`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?|(?i:\bbearer\s+)[A-Za-z0-9._~+/=-]{6,}|` +
		`\beyJ[A-Za-z0-9+/_-]{24,}={0,2}|\b0x[0-9a-fA-F]{64,}|` +
		`-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"]*?-----END [A-Z ]*PRIVATE KEY-----|[^"]*)`)

const redacted = "[redacted]"

// minSecretLength keeps a key of a test's few letters from taking every such letter out of an error.
const minSecretLength = 8

// FindSecrets gives where in a text something has the shape of one of the platform's secrets: pairs of the first byte's
// place and that of the first byte after it, in order.
func FindSecrets(text string) [][]int {
	if !mayHoldSecret(text) {
		return nil
	}
	return secretShapes().FindAllStringIndex(text, -1)
}

// mayHoldSecret looks for what the shapes cannot do without, which is quicker than looking for them.
func mayHoldSecret(text string) bool {
	for _, part := range []string{"_", "eyJ", "0x", "-----BEGIN"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return strings.ContainsAny(text, "bB") && bearerWord().MatchString(text)
}

var bearerWord = compiled(`(?i)bearer`)

// RedactSecrets replaces everything in a text that has the shape of one of the platform's secrets.
func RedactSecrets(text string) string { return secretShapes().ReplaceAllString(text, redacted) }

// cleanText makes a text of the platform fit for an error: one line, no control or invisible characters, no markup of
// a web page, no secret, at most 200 characters.
func cleanText(text, key string) string {
	if strings.Contains(text, "<html") || strings.Contains(text, "<!DOCTYPE") {
		return ""
	}
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		default:
			return r
		}
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	// Only now: what cannot be seen could have hidden a secret from this.
	if len(key) >= minSecretLength {
		text = strings.ReplaceAll(text, key, redacted)
	}
	text = RedactSecrets(text)
	if runes := []rune(text); len(runes) > maxMessageLength {
		text = string(runes[:maxMessageLength]) + "..."
	}
	return text
}

// shownID keeps a code or id of the platform's if it looks like one and holds no secret.
func shownID(id, key string) string {
	if id == "" || CheckIdentifier(id) != nil || cleanText(id, key) != id {
		return ""
	}
	return id
}

// plainMessage gives an argument error's text without the sentinel's, which the caller adds.
func plainMessage(err error) string {
	message := err.Error()
	if errors.Is(err, ErrInvalidArgument) {
		message = strings.TrimPrefix(message, ErrInvalidArgument.Error()+": ")
	}
	return message
}
