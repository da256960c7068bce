package telemetry

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/needle"
)

const (
	// minSecret keeps a key of a test's few letters from taking every such letter out of the log.
	minSecret = 8
	// maxSecret is longer than any header may be.
	maxSecret = 64 << 10
)

// pattern is a text that is searched for as Knuth, Morris and Pratt do: callers choose both what is searched for and what
// is searched, and no choice of them makes it take longer than the text is long.
type pattern struct {
	text string
	// border gives for each prefix of the text the length of the longest shorter prefix that it also ends with.
	border []int32
}

// patterns are the forms of one or more secrets.
type patterns []pattern

// patternsOf gives what to search for to find secrets. Those that are too short to be told from words are left out, and
// those that are a part of what would stand in for them.
func patternsOf(secrets ...string) patterns {
	var found patterns
	for _, secret := range secrets {
		if len(secret) < minSecret || len(secret) > maxSecret || strings.Contains(redacted, secret) {
			continue
		}
		for _, form := range forms(secret) {
			found = append(found, newPattern(form))
		}
	}
	return found
}

func newPattern(text string) pattern {
	border := make([]int32, len(text)+1)
	length := int32(0)
	for i := 1; i < len(text); i++ {
		for length > 0 && text[i] != text[length] {
			length = border[length]
		}
		if text[i] == text[length] {
			length++
		}
		border[i+1] = length
	}
	return pattern{text: text, border: border}
}

// find adds where a pattern is in a text. Those of its places that touch are one.
func (p pattern) find(spans [][]int, text string) [][]int {
	first, matched := len(spans), 0
	for i := 0; i < len(text); i++ {
		if matched == 0 { // the quick way to where it may begin
			skipped := needle.Index(text[i:], p.text[:minSecret])
			if skipped < 0 {
				break
			}
			i += skipped
		}
		for matched > 0 && text[i] != p.text[matched] {
			matched = int(p.border[matched])
		}
		if text[i] == p.text[matched] {
			matched++
		}
		if matched < len(p.text) {
			continue
		}
		begin, end := i+1-matched, i+1
		matched = int(p.border[matched])
		if last := len(spans) - 1; last >= first && begin <= spans[last][1] {
			spans[last][1] = end
			continue
		}
		spans = append(spans, []int{begin, end})
	}
	return spans
}

// find gives where in a text the patterns are: pairs of the first byte's place and that of the first byte after it.
func (p patterns) find(text string) (spans [][]int) {
	for i := range p {
		spans = p[i].find(spans, text)
	}
	return spans
}

// forms are the ways in which a secret is written: as it is, in JSON, in a query and in base64, with or without padding.
func forms(secret string) []string {
	all := []string{secret}
	others := []string{url.QueryEscape(secret), base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))}
	if encoded, err := json.Marshal(secret); err == nil {
		others = append(others, string(encoded[1:len(encoded)-1]))
	}
	for _, form := range others {
		if !slices.Contains(all, form) && len(form) >= minSecret {
			all = append(all, form)
		}
	}
	return all
}
