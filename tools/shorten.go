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
