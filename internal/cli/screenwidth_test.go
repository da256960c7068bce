package cli

import (
	"slices"
	"testing"
)

func TestCutByWidth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"short", 5, "short"},
		{"longer", 5, "long…"},
		{"two words", 5, "two…"},
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"👩\u200d💻 x", 4, "👩…"},
		{"한글", 3, "한…"},
		{"x", 0, ""},
		{"", 0, ""},
	} {
		if got := cut(test.text, test.most); got != test.want || widthOf(got) > test.most {
			t.Errorf("%q to %d: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		most int
		want []string
	}{
		{"one two three", 0, []string{"one two three"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"a-word-that-is-too-long x", 5, []string{"a-word-that-is-too-long", "x"}},
		{"    code stays\nas it is", 20, []string{"    code stays", "as it is"}},
		{"日本 語の", 5, []string{"日本", "語の"}},
		{"", 5, []string{""}},
	} {
		if got := wrap(test.text, test.most); !slices.Equal(got, test.want) {
			t.Errorf("%q to %d: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

// TestWidth: COLUMNS goes before the terminal, and where no terminal is nothing is cut.
func TestWidth(t *testing.T) {
	t.Parallel()
	at := func(columns string, terminal bool, own int) Streams {
		return Streams{Environment: lookup(map[string]string{"COLUMNS": columns}), OutTerminal: terminal, Width: func() int { return own }}
	}
	for _, test := range []struct {
		streams Streams
		want    int
	}{
		{at("", true, 60), 60},
		{at("72", true, 60), 72},
		{at("-1", true, 60), 60},
		{at("wide", true, 60), 60},
		{at("", true, 0), screenWidth},
		{at("72", false, 60), 0},
	} {
		if got := test.streams.outWidth(); got != test.want {
			t.Errorf("%d, want %d", got, test.want)
		}
	}
}
