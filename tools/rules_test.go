package tools_test

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
	"github.com/robutlerai/robutler-mcp/tools"
)

// TestCatalogLint holds every tool to the vendors' rules and to the house's.
func TestCatalogLint(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z][a-z0-9_]{2,39}$`)
	for _, tool := range offline(t).Tools() {
		for _, finding := range schema.LintInput(tool.Input.JSON()) {
			t.Errorf("%s input: %s", tool.Name, finding)
		}
		for _, finding := range schema.LintOutput(tool.Output.JSON()) {
			t.Errorf("%s output: %s", tool.Name, finding)
		}
		if !name.MatchString(tool.Name) {
			t.Errorf("%s: bad name", tool.Name)
		}
		if !json.Valid([]byte(tool.Example)) {
			t.Errorf("%s: no example", tool.Name)
		}
		if n := parameters(t, tool); n > 12 {
			t.Errorf("%s takes %d arguments", tool.Name, n)
		}
	}
}

// parameters counts a tool's arguments.
func parameters(t *testing.T, tool tools.Tool) int {
	t.Helper()
	var input struct{ Properties map[string]any }
	if err := json.Unmarshal(tool.Input.JSON(), &input); err != nil {
		t.Fatal(err)
	}
	return len(input.Properties)
}

func TestDescriptionsReadWell(t *testing.T) {
	t.Parallel()
	verb := regexp.MustCompile(`^[A-Z][a-z]+s `)
	for _, tool := range offline(t).Tools() {
		if n := len(tool.Description); n < 80 || n > 250 {
			t.Errorf("%s: description of %d characters", tool.Name, n)
		}
		sentence, _, _ := strings.Cut(tool.Description, ". ")
		if len(sentence) > 120 || !verb.MatchString(sentence) {
			t.Errorf("%s: first sentence of %d characters: %s", tool.Name, len(sentence), sentence)
		}
		for _, word := range []string{"must", "always", "important", "http", "!"} {
			if slices.Contains(searchWords(tool.Description), word) || (len(word) == 1 && strings.Contains(tool.Description, word)) {
				t.Errorf("%s: description says %q", tool.Name, word)
			}
		}
		if strings.IndexFunc(tool.Description+tool.Title, func(r rune) bool { return r > 126 || r < 32 }) >= 0 {
			t.Errorf("%s: not plain ASCII", tool.Name)
		}
		if overlap := shared(searchWords(sentence), strings.Split(tool.Name, "_")); overlap >= 0.7 {
			t.Errorf("%s: the first sentence only repeats the name: %s", tool.Name, sentence)
		}
	}
}

// shared is the part of words that is also in others.
func shared(words, others []string) float64 {
	n := 0
	for _, word := range words {
		if slices.Contains(others, word) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(words)))
}

// TestToolsAreToldApart holds names and descriptions to being different enough from each other.
func TestToolsAreToldApart(t *testing.T) {
	t.Parallel()
	offered := offline(t).Tools()
	for i, tool := range offered {
		for _, other := range offered[:i] {
			if distance := editDistance(tool.Name, other.Name); distance < 3 {
				t.Errorf("%s and %s differ in %d characters", tool.Name, other.Name, distance)
			}
			if alike := cosine(searchWords(tool.Description), searchWords(other.Description)); alike > 0.8 {
				t.Errorf("%s and %s are described alike: %.2f", tool.Name, other.Name, alike)
			}
		}
	}
}

func cosine(a, b []string) float64 {
	counts := func(words []string) map[string]float64 {
		found := map[string]float64{}
		for _, word := range words {
			found[word]++
		}
		return found
	}
	left, right := counts(a), counts(b)
	var product, first, second float64
	for word, n := range left {
		product, first = product+n*right[word], first+n*n
	}
	for _, n := range right {
		second += n * n
	}
	return product / math.Sqrt(first*second)
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// maxToolTokens bounds a single tool.
const maxToolTokens = 450

func TestTokenBudget(t *testing.T) {
	t.Parallel()
	all := offline(t)
	usual, err := all.Select(tools.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, budget := range []struct {
		catalog *tools.Catalog
		tools   int
		tokens  int
	}{{usual, 20, tools.MaxDefaultTokens}, {all, 37, tools.MaxAllTokens}} {
		total := 0
		for _, tool := range budget.catalog.Tools() {
			total += tool.ModelBytes()
			if tool.ModelBytes() > 4*maxToolTokens {
				t.Errorf("%s takes %d bytes", tool.Name, tool.ModelBytes())
			}
		}
		n := len(budget.catalog.Tools())
		if n != budget.tools || total > 4*budget.tokens || total > 4*tools.MaxMeanTokens*n {
			t.Errorf("%d tools take %d bytes, %d tokens; the budget is %d tools and %d tokens, %d in the mean",
				n, total, total/4, budget.tools, budget.tokens, tools.MaxMeanTokens)
		}
	}
	var stats bytes.Buffer
	if err := all.WriteStats(&stats); err != nil || !strings.Contains(stats.String(), "37 tools") {
		t.Errorf("stats: %v\n%s", err, stats.String())
	}
}

// TestOthersTextIsLabeled holds every tool that shows what others wrote to saying so.
func TestOthersTextIsLabeled(t *testing.T) {
	t.Parallel()
	verdicts := []string{"verify_x402_payment"} // hold no free text
	for _, tool := range offline(t).Tools() {
		if tool.OpenWorld && tool.Class == client.Read && !slices.Contains(verdicts, tool.Name) && !strings.Contains(string(tool.Output.JSON()), `"notice"`) {
			t.Errorf("%s does not label what others wrote", tool.Name)
		}
	}
}

func TestListIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	var first bytes.Buffer
	if err := offline(t).WriteJSON(&first); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		var again bytes.Buffer
		if err := offline(t).WriteJSON(&again); err != nil || !bytes.Equal(first.Bytes(), again.Bytes()) {
			t.Fatalf("the list changes: %v", err)
		}
	}
}
