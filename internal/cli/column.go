package cli

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// column is what the rows of a table have under one name.
type column struct {
	name  string
	cells []string
	// wide is what the widest cell or the header needs.
	wide int
	// whole columns are shown whole or not at all: half an id is none, and half an amount is another one.
	whole bool
	right bool
}

// columnsOf gives the columns that hold anything, the most useful first.
func columnsOf(rows [][]member) []column {
	places := map[string]int{}
	var columns []column
	for i, row := range rows {
		for _, m := range row {
			place, known := places[m.name]
			if !known {
				place = len(columns)
				places[m.name] = place
				columns = append(columns, column{name: m.name, cells: make([]string, len(rows)), whole: true, right: true})
			}
			columns[place].add(i, m.value)
		}
	}
	columns = slices.DeleteFunc(columns, func(c column) bool {
		measure, isMeasure := strings.CutSuffix(c.name, "_bytes")
		_, said := places[measure]
		return c.wide == 0 || (isMeasure && said) // the size in words says it better
	})
	for i := range columns {
		c := &columns[i]
		c.wide = max(c.wide, widthOf(c.header()))
		c.right = c.right && c.rank() != rankIdentity && !isID(c.name)
	}
	slices.SortStableFunc(columns, func(a, b column) int { return a.rank() - b.rank() })
	has := func(rank int) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return c.rank() == rank })
	}
	if has(rankTime) && !has(rankIdentity) {
		slices.SortStableFunc(columns, func(a, b column) int { return a.rankAmongEvents() - b.rankAmongEvents() })
	}
	return columns
}

// isNumber reports whether a text is a count or an amount: digits, with a sign and a fraction or without.
func isNumber(text string) bool {
	digits := func(part string) bool { return part != "" && strings.Trim(part, "0123456789") == "" }
	whole, fraction, broken := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	return digits(whole) && (!broken || digits(fraction))
}

// add takes a row's value in.
func (c *column) add(row int, value json.RawMessage) {
	text := cellOf(value)
	c.cells[row] = text
	if text == "" {
		return
	}
	c.wide = max(c.wide, widthOf(text))
	numeric := isNumber(text)
	c.right = c.right && numeric
	fixed := numeric || isID(c.name) || c.name == "url" || strings.HasSuffix(c.name, "_at") || text == "true" || text == "false"
	c.whole = c.whole && fixed
}

func isID(name string) bool { return name == "id" || strings.HasSuffix(name, "_id") }

// header is a column's name, without what its values say themselves.
func (c *column) header() string {
	name := strings.TrimSuffix(strings.TrimPrefix(c.name, "is_"), "_at")
	name = strings.ReplaceAll(strings.TrimSuffix(name, "_credits"), "_per_", "/")
	return strings.ToUpper(strings.ReplaceAll(name, "_", " "))
}

// The ranks of columns. People look for what it is, how to name it in the next call, how it stands and what it costs.
const (
	rankIdentity = iota
	rankID
	rankState
	rankMoney
	rankOwner
	rankText
	rankTime
	rankOther
	rankReference
)

// rank tells how soon a column is wanted, by the words that the tools' results share.
func (c *column) rank() int {
	switch c.name {
	case "name", "title", "intent", "tool", "scheme", "input":
		return rankIdentity
	case "id":
		return rankID
	case "status", "state", "visibility", "is_active", "is_public":
		return rankState
	case "description", "would", "detail":
		return rankText
	case "url":
		return rankReference
	}
	switch words := strings.Split(c.name, "_"); {
	case slices.Contains(words, "credits") || slices.Contains(words, "amount") || slices.Contains(words, "fee"):
		return rankMoney
	case strings.HasSuffix(c.name, "_name"):
		if slices.Contains(c.cells, "") { // where not all have it, their descriptions say more
			return rankOther
		}
		return rankOwner
	case strings.HasSuffix(c.name, "_at"):
		return rankTime
	case isID(c.name):
		return rankReference
	default:
		return rankOther
	}
}

// rankAmongEvents tells how soon a column is wanted where rows have a time and no name, as movements of money do: when it
// was comes first, and the id, which nobody knows it by, behind the texts.
func (c *column) rankAmongEvents() int {
	switch rank := c.rank(); rank {
	case rankTime:
		return rankIdentity
	case rankID:
		return rankTime
	default:
		return rank
	}
}

// cellOf gives a value in one line: what is made of parts in short, times to the minute.
func cellOf(value json.RawMessage) string {
	value = bytes.TrimSpace(value)
	if len(value) == 0 {
		return ""
	}
	switch value[0] {
	case '{':
		members, err := membersOf(value)
		if err != nil {
			return ""
		}
		parts := make([]string, 0, len(members))
		for _, m := range members {
			if text := cellOf(m.value); text != "" {
				parts = append(parts, strings.ReplaceAll(m.name, "_", " ")+": "+text)
			}
		}
		return strings.Join(parts, "; ")
	case '[':
		var items []json.RawMessage
		if json.Unmarshal(value, &items) != nil {
			return ""
		}
		parts := make([]string, 0, len(items))
		for _, item := range items {
			parts = append(parts, nameOf(item))
		}
		return strings.Join(parts, ", ")
	}
	text := strings.ReplaceAll(plainValue(value), "\n", " ")
	if moment, err := time.Parse(time.RFC3339, text); err == nil {
		return moment.UTC().Format("2006-01-02 15:04Z")
	}
	return text
}

// nameOf gives an item of a list by its name, if it has one.
func nameOf(item json.RawMessage) string {
	if members, err := membersOf(item); err == nil {
		for _, m := range members {
			if m.name == "name" {
				return cellOf(m.value)
			}
		}
	}
	return cellOf(item)
}
