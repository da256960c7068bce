package sandbox

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// searchQuery is what a search asks for.
type searchQuery struct {
	text          string
	limit         int
	minSimilarity float64
	everyTerm     bool
}

// newSearchQuery checks what both forms of the search route send.
func newSearchQuery(text, mode string, limit int, minSimilarity float64) (searchQuery, error) {
	q := searchQuery{text: text, limit: limit, minSimilarity: minSimilarity}
	switch strings.ToLower(mode) {
	case "", "semantic", "vector", "hybrid":
	case "text", "keyword":
		q.everyTerm = true
	default:
		return q, badRequest("mode must be one of semantic, vector, hybrid, text, keyword")
	}
	switch {
	case strings.TrimSpace(text) == "":
		return q, badRequest("query is required")
	case len(text) > maxQueryLength:
		return q, badRequest("query has at most %d bytes", maxQueryLength)
	case limit < 0 || limit > maxResults:
		return q, badRequest("limit must be a whole number from 1 to %d", maxResults)
	case math.IsNaN(minSimilarity) || minSimilarity < 0 || minSimilarity > 1:
		return q, badRequest("minSimilarity must be a number from 0 to 1")
	}
	if q.limit == 0 {
		q.limit = defaultResults
	}
	return q, nil
}

// queryTerms takes a query apart into quoted terms of FTS5, so that nothing in it is an operator. Words that say
// nothing are left out unless there are no others.
func queryTerms(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) // a mark may be the accent of a letter
	})
	words = slices.DeleteFunc(words, func(word string) bool { return !strings.ContainsFunc(word, isWordRune) })
	informative := slices.DeleteFunc(slices.Clone(words), isStopWord)
	if len(informative) == 0 {
		informative = words
	}
	terms := make([]string, 0, min(len(informative), maxQueryTerms))
	for _, word := range informative {
		term := `"` + word + `"`
		if len(terms) < maxQueryTerms && !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return terms
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func isStopWord(word string) bool {
	switch word {
	case "a", "an", "the", "and", "or", "of", "to", "in", "on", "at", "by", "for", "from", "with", "as", "is", "are", "be",
		"it", "its", "this", "that", "these", "those", "i", "me", "my", "we", "our", "you", "your", "can", "could", "would",
		"should", "who", "which", "what", "how", "do", "does", "some", "someone", "something", "any", "agent", "agents",
		"need", "want", "find", "help", "please", "into", "about":
		return true
	default:
		return false
	}
}
