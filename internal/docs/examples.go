package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// exampleMark begins the place of an example in a page: the name of a function of the tests follows.
var exampleMark = regexp.MustCompile(`(?m)^<!-- begin example (\w+) -->$`)

// clientGuide gives docs/client.md with its examples and its table of errors as the client has them. The root is the
// repository's folder.
func clientGuide(root string) ([]byte, error) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "client.md")) //nolint:gosec // the project's own page
	if err != nil {
		return nil, fmt.Errorf("read the client's guide: %w", err)
	}
	if page, err = fillExamples(page, filepath.Join(root, "client")); err != nil {
		return nil, err
	}
	table, err := errorTable(filepath.Join(root, "client", "errors.go"))
	if err != nil {
		return nil, err
	}
	return fillMark(page, "errors", table)
}

// fillMark puts a text between the marks of a name in a page.
func fillMark(page []byte, name, text string) ([]byte, error) {
	begin, end := []byte("<!-- begin "+name+" -->\n"), []byte("<!-- end "+name+" -->")
	before, rest, found := bytes.Cut(page, begin)
	_, after, closed := bytes.Cut(rest, end)
	if !found || !closed {
		return nil, fmt.Errorf("it has no marks for %s", name)
	}
	return bytes.Join([][]byte{before, begin, []byte(text), end, after}, nil), nil
}

// errorTable lists the sentinel errors with what their comments say.
func errorTable(source string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
	if err != nil {
		return "", fmt.Errorf("read the errors: %w", err)
	}
	var table strings.Builder
	table.WriteString("| error | meaning |\n| --- | --- |\n")
	for name, object := range sentinels(file) {
		meaning := strings.TrimPrefix(strings.Join(strings.Fields(object), " "), name+" means that ")
		meaning = strings.NewReplacer("[", "`", "]", "`").Replace(meaning)
		fmt.Fprintf(&table, "| `%s` | %s |\n", name, meaning)
	}
	return table.String(), nil
}

// sentinels walks the documented variables of a file, with their comments.
func sentinels(file *ast.File) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, declaration := range file.Decls {
			group, ok := declaration.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				if value, ok := spec.(*ast.ValueSpec); ok && !yield(value.Names[0].Name, value.Doc.Text()) {
					return
				}
			}
		}
	}
}

// fillExamples puts the code of examples that are tested between their marks in a page. The tests are in a folder.
func fillExamples(page []byte, folder string) ([]byte, error) {
	known, err := readExamples(folder)
	if err != nil {
		return nil, err
	}
	marks := exampleMark.FindAllSubmatch(page, -1)
	if len(marks) == 0 {
		return nil, errors.New("fill in examples: the page has no marks")
	}
	for _, mark := range marks {
		name := string(mark[1])
		code, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("fill in examples: there is no %s", name)
		}
		if page, err = fillMark(page, "example "+name, "```go\n"+code+"```\n"); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// readExamples gives the code of the functions of a folder's tests, by name: of an example its body, as a program would
// have it, and of any other function the whole.
func readExamples(folder string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return nil, fmt.Errorf("find the examples: %w", err)
	}
	found := map[string]string{}
	for _, name := range files {
		source, err := os.ReadFile(name) //nolint:gosec // the project's own tests
		if err != nil {
			return nil, fmt.Errorf("read the examples: %w", err)
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, source, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read the examples: %w", err)
		}
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil {
				found[function.Name.Name] = shownCode(function, func(from, to token.Pos) string {
					return string(source[set.Position(from).Offset:set.Position(to).Offset])
				})
			}
		}
	}
	return found, nil
}

// shownCode is what a page shows of a function. text gives the source between two positions.
func shownCode(function *ast.FuncDecl, text func(from, to token.Pos) string) string {
	if !strings.HasPrefix(function.Name.Name, "Example") {
		from := function.Pos()
		if function.Doc != nil {
			from = function.Doc.Pos()
		}
		return text(from, function.End()) + "\n"
	}
	body := function.Body
	if inner := wrapped(body); inner != nil {
		body = inner
	}
	shown := text(body.Lbrace+1, body.Rbrace)
	shown, _, _ = strings.Cut(shown, "// Output:")
	lines := strings.Split(strings.Trim(shown, "\n"), "\n")
	margin := len(lines[0]) - len(strings.TrimLeft(lines[0], "\t"))
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, strings.Repeat("\t", margin))
	}
	shown = strings.TrimRight(strings.Join(lines, "\n"), "\t\n")
	return strings.TrimRight(strings.TrimSuffix(shown, "\nreturn nil"), "\n") + "\n"
}

// wrapped is the body of the function that an example hands to the one that gives it a platform; nil when it needs none.
func wrapped(body *ast.BlockStmt) *ast.BlockStmt {
	if len(body.List) != 1 {
		return nil
	}
	statement, ok := body.List[0].(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := statement.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	if function, ok := call.Args[0].(*ast.FuncLit); ok {
		return function.Body
	}
	return nil
}
