package clients

import "strings"

// flowLength gives how long a value is that begins a text and ends on the same line; -1 where it does not end there. In a
// flow collection a comma or a bracket ends it, too.
func flowLength(text string, inFlow bool) int {
	if text == "" {
		return 0
	}
	switch text[0] {
	case '"', '\'':
		return quotedLength(text)
	case '{', '[':
		return bracketedLength(text)
	case '|', '>', '&', '*', '!':
		return -1
	}
	end := len(text)
	if i := strings.Index(text, " #"); i >= 0 {
		end = i
	}
	if i := strings.IndexAny(text[:end], ",]}"); inFlow && i >= 0 {
		end = i
	}
	if text[0] == '#' {
		end = 0
	}
	return len(strings.TrimRight(text[:end], " \t"))
}

// quotedLength gives how long the quoted text is that begins a text.
func quotedLength(text string) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return -1
}

// bracketedLength gives how long the flow collection is that begins a text. A quote opens a text only where a value may
// begin; a comment, which takes the rest of the line, leaves the collection open.
func bracketedLength(text string) int {
	depth, begins := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '{' || c == '[':
			depth, begins = depth+1, true
		case c == '}' || c == ']':
			depth, begins = depth-1, false
			if depth == 0 {
				return i + 1
			}
		case (c == '"' || c == '\'') && begins:
			length := quotedLength(text[i:])
			if length < 0 {
				return -1
			}
			i, begins = i+length-1, false
		case c == ',' || c == ':':
			begins = true
		case c == '#' && (text[i-1] == ' ' || text[i-1] == '\t'):
			return -1
		case c != ' ' && c != '\t':
			begins = false
		}
	}
	return -1
}
