package main

import (
	"slices"
	"strings"
	"testing"
)

// simpleCommands splits a script of the kind that documentation shows into commands, and those into words: quotes are
// taken off, redirections, comments and the bodies of here-documents left out. It knows no more of the shell than that.
func simpleCommands(script string) [][]string {
	s := &shellReader{}
	skipped := ""
	for line := range strings.SplitSeq(strings.ReplaceAll(script, "\\\n", " "), "\n") {
		if skipped != "" {
			if line == skipped {
				skipped = ""
			}
			continue
		}
		if _, rest, found := strings.Cut(line, "<<"); found {
			skipped = strings.Trim(strings.Fields(rest)[0], `'"-`)
		}
		s.read(line)
		s.endCommand()
	}
	return s.commands
}

type shellReader struct {
	commands [][]string
	words    []string
	word     strings.Builder
	inWord   bool
	// target is set when the next word is that of a redirection.
	target bool
}

// read reads a line; quotes end on the line that they begin on.
func (s *shellReader) read(line string) {
	quote := rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			s.word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, s.inWord = r, true
		case r == '#' && !s.inWord:
			return
		case r == ' ' || r == '\t':
			s.endWord()
		case strings.ContainsRune("|&;()", r):
			s.endCommand()
		case r == '<' || r == '>':
			if strings.Trim(s.word.String(), "0123456789") == "" {
				s.word.Reset() // the number of a stream
				s.inWord = false
			}
			s.endWord()
			s.target = true
		default:
			s.word.WriteRune(r)
			s.inWord = true
		}
	}
}

func (s *shellReader) endWord() {
	if s.inWord {
		if !s.target {
			s.words = append(s.words, s.word.String())
		}
		s.target = false
	}
	s.word.Reset()
	s.inWord = false
}

// endCommand ends a command. Variables that are set ahead of it are no words of it.
func (s *shellReader) endCommand() {
	s.endWord()
	words := s.words
	for len(words) > 0 && isAssignment(words[0]) {
		words = words[1:]
	}
	if len(words) > 0 {
		s.commands = append(s.commands, words)
	}
	s.words, s.target = nil, false
}

func isAssignment(word string) bool {
	name, _, assigned := strings.Cut(word, "=")
	return assigned && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == ""
}

func TestSimpleCommands(t *testing.T) {
	t.Parallel()
	script := "KEY=x a 'b c' --d=\"e f\" \\\n  g 2>/dev/null | h > file # comment\ncat > f <<'END'\nrobutler-mcp nonsense\nEND\nsource <(i j)\nk && l &\n"
	want := [][]string{{"a", "b c", "--d=e f", "g"}, {"h"}, {"cat"}, {"source"}, {"i", "j"}, {"k"}, {"l"}}
	if got := simpleCommands(script); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%q", got)
	}
}
