package tools

// shorten cuts a text to at most limit characters and says so.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	count := 0
	for i := range text {
		if count == limit {
			return text[:i] + "... (cut)"
		}
		count++
	}
	return text
}

// maxListItems bounds a list of words within a row.
const maxListItems = 50

// maxListWord bounds each of them, in characters.
const maxListWord = 100

// shortenAll cuts a list of words, and each of them.
func shortenAll(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	cut := make([]string, 0, min(len(words), maxListItems))
	for _, word := range words[:min(len(words), maxListItems)] {
		cut = append(cut, shorten(word, maxListWord))
	}
	return cut
}
