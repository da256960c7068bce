package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/doctor"
)

// finding is what doctor can report: a check, and words of what it says when something is wrong. The words are empty
// when all is well, or when they come from elsewhere.
// mark is what the line begins with then.
type finding struct{ check, words, mark string }

// findingsOf reads from doctor's source what it can report.
func findingsOf(t *testing.T, name, source string) []finding {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []finding
	inList := map[*ast.CompositeLit]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CompositeLit:
			if list, ok := n.Type.(*ast.ArrayType); ok && isNamed(list.Elt, "Finding") {
				for _, element := range n.Elts {
					if literal, ok := element.(*ast.CompositeLit); ok {
						inList[literal] = true
					}
				}
			}
			if (isNamed(n.Type, "Finding") || inList[n]) && len(n.Elts) >= 3 {
				found = append(found, findingOf(t, n.Elts[0], n.Elts[1], n.Elts[2]))
			}
		case *ast.CallExpr:
			if method, ok := n.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "explained" {
				found = append(found, findingOf(t, n.Args[0], nil, nil))
			}
		case *ast.AssignStmt:
			for _, assigned := range n.Lhs {
				if field, ok := assigned.(*ast.SelectorExpr); ok && (field.Sel.Name == "Status" || field.Sel.Name == "Detail") {
					found = append(found, finding{check: name, words: "a finding that is changed after it was made: this test cannot read it"})
				}
			}
		}
		return true
	})
	return found
}

func isNamed(expression ast.Expr, name string) bool {
	identifier, ok := expression.(*ast.Ident)
	return ok && identifier.Name == name
}

func findingOf(t *testing.T, check, status, detail ast.Expr) finding {
	t.Helper()
	name, ok := check.(*ast.BasicLit)
	if !ok {
		return finding{} // the function explained, whose callers name the check
	}
	text, err := strconv.Unquote(name.Value)
	if err != nil {
		t.Fatal(err)
	}
	if !isNamed(status, "Failed") && !isNamed(status, "Warning") {
		return finding{check: text}
	}
	return finding{text, longestWords(t, detail), map[bool]string{true: "✗", false: "!"}[isNamed(status, "Failed")]}
}

// longestWords gives the longest piece of text that an expression always prints.
func longestWords(t *testing.T, expression ast.Expr) string {
	t.Helper()
	longest := ""
	ast.Inspect(expression, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range regexp.MustCompile(`%[a-z]`).Split(text, -1) {
			if piece = strings.Trim(piece, " ,:"); len(piece) > len(longest) {
				longest = piece
			}
		}
		return true
	})
	return longest
}

// undocumented tells which findings the page of troubleshooting says nothing about: each check has a heading of its
// name, and what it says is quoted below it.
func undocumented(page string, findings []finding) []string {
	sections := map[string]string{}
	for _, section := range strings.Split(page, "\n### ")[1:] {
		heading, text, _ := strings.Cut(section, "\n")
		text, _, _ = strings.Cut(text, "\n## ")
		sections[heading] = text
	}
	var missing []string
	for _, f := range findings {
		section, ok := sections[f.check]
		switch {
		case !ok:
			missing = append(missing, "no heading for the check "+f.check)
		case !explains(section, f):
			missing = append(missing, f.check+": "+f.words+" "+f.mark)
		}
	}
	return missing
}

// explains reports whether a row of a section quotes what a finding says, with its mark; or the section does, where the
// finding has no words of its own.
func explains(section string, f finding) bool {
	if f.words == "" {
		return true
	}
	for row := range strings.SplitSeq(section, "\n") {
		quoted, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		if strings.Contains(quoted, f.words) && strings.HasSuffix(strings.TrimSpace(quoted), f.mark) {
			return true
		}
	}
	return false
}

func TestEveryFindingHasAnEntry(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("../doctor/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var findings []finding
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findingsOf(t, name, string(source)) {
			if f.check != "" {
				findings = append(findings, f)
			}
		}
	}
	if len(findings) < 40 {
		t.Errorf("only %d findings were read", len(findings))
	}
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range doctor.Failures() {
		findings = append(findings, finding{"reached", "`" + words + "`", ""})
	}
	for _, missing := range undocumented(string(page), findings) {
		t.Errorf("docs/troubleshooting.md lacks %s", missing)
	}
}

func TestMissingEntriesAreFound(t *testing.T) {
	t.Parallel()
	findings := findingsOf(t, "planted.go", `package doctor
func a() []Finding { return []Finding{{"one", Failed, fmt.Sprintf("%s is not quite %v right", x, y), "Mend it."}} }
func b() Finding { return Finding{"two", OK, "fine", ""} }
func (s Subject) c() Finding { return s.explained("three", err) }
`)
	if len(findings) != 3 || findings[0] != (finding{"one", "is not quite", "✗"}) {
		t.Fatalf("%+v", findings)
	}
	if changed := findingsOf(t, "changed.go", "package doctor\nfunc d(f Finding) { f.Status, f.Fix = Failed, \"\" }\n"); len(changed) != 1 || len(undocumented("", changed)) != 1 {
		t.Errorf("%+v", changed)
	}
	whole := "# T\n### one\n| A `is not quite` well ✗ | b |\n### two\n### three\n## End\n"
	if missing := undocumented(whole, findings); len(missing) > 0 {
		t.Errorf("%q", missing)
	}
	for _, page := range []string{strings.Replace(whole, "quite", "", 1), strings.Replace(whole, "### three", "three", 1), "# T\n### two\n| is not quite ✗ |\n### one\n### three\n", strings.Replace(whole, "✗", "!", 1)} {
		if missing := undocumented(page, findings); len(missing) != 1 {
			t.Errorf("%q: %q", page, missing)
		}
	}
}
