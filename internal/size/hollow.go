package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// sources is a package of the program, as go list has it.
type sources struct {
	ImportPath, Name, Dir string
	GoFiles, EmbedFiles   []string
}

func listPackages(ctx context.Context, module string) ([]sources, error) {
	output, err := goCommand(ctx, module, "list", "-deps", "-json=ImportPath,Name,Dir,GoFiles,EmbedFiles", ".").Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	var listed []sources
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var each sources
		if err := decoder.Decode(&each); err != nil {
			return nil, fmt.Errorf("list packages: %w", err)
		}
		listed = append(listed, each)
	}
	return listed, nil
}

// hollow writes the files of a component anew, with functions that do nothing, and gives the overlay that has the program
// built of these. Whatever only they need is then linked no more.
func hollow(packages []sources, of component, folder string) (overlay string, _ error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make a folder: %w", err)
	}
	names := map[string]string{}
	for _, each := range packages {
		names[each.ImportPath] = each.Name
	}
	replaced := map[string]string{}
	for _, each := range packages {
		if !of.matches(each.ImportPath) {
			continue
		}
		for _, file := range each.GoFiles {
			source := filepath.Join(each.Dir, file)
			emptied, err := empty(source, names)
			if err != nil {
				return "", err
			}
			stored := filepath.Join(folder, of.name+strconv.Itoa(len(replaced))+".go")
			if err := os.WriteFile(stored, emptied, 0o600); err != nil {
				return "", fmt.Errorf("write overlay: %w", err)
			}
			replaced[source] = stored
		}
	}
	encoded, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", fmt.Errorf("write overlay: %w", err)
	}
	overlay = filepath.Join(folder, of.name+".json")
	return overlay, os.WriteFile(overlay, encoded, 0o600)
}

// cut is a part of a file and what stands there instead.
type cut struct {
	from, to int
	instead  string
}

// empty gives a file with a panic in place of the body of each function, and without the imports that it then has no use for.
func empty(path string, names map[string]string) ([]byte, error) {
	text, err := os.ReadFile(path) //nolint:gosec // of the program
	if err != nil {
		return nil, fmt.Errorf("read source: %w", err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("read source: %w", err)
	}
	var cuts []cut
	offset := func(at token.Pos) int { return set.Position(at).Offset }
	used := map[string]bool{}
	inspect := func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.BlockStmt: // outside of functions there are none
			cuts = append(cuts, cut{offset(node.Lbrace), offset(node.Rbrace) + 1, `{ panic("left out") }`})
			return false
		case *ast.SelectorExpr:
			if of, ok := node.X.(*ast.Ident); ok {
				used[of.Name] = true
			}
		}
		return true
	}
	for _, declaration := range file.Decls {
		if general, ok := declaration.(*ast.GenDecl); !ok || general.Tok != token.IMPORT {
			ast.Inspect(declaration, inspect)
		}
	}
	for _, imported := range file.Imports {
		path, _ := strconv.Unquote(imported.Path.Value)
		name := names[path]
		if imported.Name != nil {
			name = imported.Name.Name
		}
		if name != "." && name != "_" && !used[name] {
			cuts = append(cuts, cut{offset(imported.Pos()), offset(imported.End()), `_ "unsafe"`})
		}
	}
	slices.SortFunc(cuts, func(a, b cut) int { return b.from - a.from })
	for _, each := range cuts {
		text = slices.Concat(text[:each.from], []byte(each.instead), text[each.to:])
	}
	return text, nil
}
