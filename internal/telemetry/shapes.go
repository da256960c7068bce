package telemetry

import (
	"regexp"
	"strings"
	"sync"

	"github.com/robutlerai/robutler-mcp/client"
)

// compiled gives a regular expression that is compiled when it is first needed.
func compiled(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// Beside what the client knows, these are the shapes of what is secret in headers and settings. The group is what is
// taken out.
var (
	namedShapes = compiled(
		`(?i)\b(?:x-payment(?:-response)?|x-api-key|api[_-]?key|authorization|proxy-authorization|cookie|set-cookie|password|passwd|` +
			`(?:access|refresh|id|auth|session)[_-]?token|client[_-]?secret)["'\\]*\s*[:=]\s*["'\\]*((?:(?:basic|bearer|digest|token)\s+)?[^\s"'\\,;&]+)`)
	dashedShapes = compiled(`(?i)\b(sk-[a-z0-9_-]{16,})`)
)

// shapes gives where in a text something looks like a secret. What a shape cannot do without is looked for first.
func shapes(text string) [][]int {
	if len(text) < minSecret {
		return nil
	}
	spans := client.FindSecrets(text)
	if strings.ContainsAny(text, ":=") && namesSecret(text) {
		spans = addGroups(spans, namedShapes(), text)
	}
	spans = addAddresses(spans, text)
	if strings.ContainsAny(text, "kK") && strings.Contains(text, "-") {
		spans = addGroups(spans, dashedShapes(), text)
	}
	return spans
}

// namesSecret reports whether a text has a part of the names that namedShapes knows.
func namesSecret(text string) bool {
	text = strings.ToLower(text)
	for _, part := range []string{"key", "token", "auth", "pass", "secret", "cookie", "payment"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// addAddresses adds what is secret in addresses: who signs in, the query and the fragment. In those of databases a
// password may hold anything.
func addAddresses(spans [][]int, text string) [][]int {
	const mark = "://"
	for at := strings.Index(text, mark); at >= 0; {
		begin := at + len(mark)
		end := len(text)
		if length := strings.IndexAny(text[begin:], " \t\r\n\"'<>"); length >= 0 {
			end = begin + length
		}
		address := text[begin:end]
		authority := address
		if cutAt := strings.IndexAny(address, "/?#"); cutAt >= 0 && !postgres(text[:at]) {
			authority = address[:cutAt]
		}
		user := strings.LastIndexByte(authority, '@')
		if user > 0 {
			spans = append(spans, []int{begin, begin + user})
		}
		if query := strings.IndexAny(address[user+1:], "?#"); query >= 0 && begin+user+1+query+1 < end {
			spans = append(spans, []int{begin + user + 1 + query + 1, end})
		}
		next := strings.Index(text[end:], mark)
		if next < 0 {
			break
		}
		at = end + next
	}
	return spans
}

// postgres reports whether a text ends in the scheme of such a database.
func postgres(text string) bool {
	text = strings.ToLower(text[max(0, len(text)-len("postgresql")):])
	return strings.HasSuffix(text, "postgres") || strings.HasSuffix(text, "postgresql")
}

func addGroups(spans [][]int, shape *regexp.Regexp, text string) [][]int {
	for _, found := range shape.FindAllStringSubmatchIndex(text, -1) {
		for group := 2; group < len(found); group += 2 {
			if found[group] >= 0 {
				spans = append(spans, []int{found[group], found[group+1]})
			}
		}
	}
	return spans
}
