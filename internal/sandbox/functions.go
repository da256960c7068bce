package sandbox

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"regexp"
)

// Functions are declared, listed and removed here as on the real platform. Nothing here runs them: that takes a
// JavaScript runtime.

// The bounds of functions: the bytes of a source, and how many an agent has, since their list has no pages.
const (
	maxFunctionSource = 500_000
	maxFunctions      = 100
)

// functionInput is a function to declare.
type functionInput struct {
	Name     string          `json:"name"`
	Manifest json.RawMessage `json:"manifest"`
	Source   string          `json:"source"`
}

// faults are what keeps a function from being declared.
func (f *functionInput) faults() []string {
	faults := []string{}
	if !regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_-]{0,63}$`).MatchString(f.Name) {
		faults = append(faults, "name must have 1 to 64 letters, digits, _ and -, and start with a letter")
	}
	if len(f.Manifest) == 0 || f.Manifest[0] != '{' {
		faults = append(faults, "manifest must be an object")
	}
	if len(f.Source) > maxFunctionSource {
		faults = append(faults, "source is too long")
	}
	return faults
}

func (p *Platform) createFunction(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	var input functionInput
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if faults := input.faults(); len(faults) > 0 {
		return nil, badRequest("%s", faults[0])
	}
	result, err := p.database.ExecContext(r.Context(), `INSERT INTO functions (agent_id, name, manifest, source)
		SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM functions WHERE agent_id = ?1 AND name <> ?2) < ?5
		ON CONFLICT (agent_id, name) DO UPDATE SET manifest = excluded.manifest, source = excluded.source`,
		a.id, input.Name, string(input.Manifest), input.Source, maxFunctions)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(badRequest("an agent has at most %d functions", maxFunctions), err)
	}
	return members{"ok": true, "name": input.Name, "requiresUserAction": []string{}}, nil
}

func (p *Platform) listFunctions(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(r.Context(), "SELECT name, manifest FROM functions WHERE agent_id = ? ORDER BY name", a.id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	found := []members{}
	for rows.Next() {
		var name, manifest string
		if err := rows.Scan(&name, &manifest); err != nil {
			return nil, err
		}
		found = append(found, members{"name": name, "declaration": json.RawMessage(manifest), "usedBy": []members{}})
	}
	return members{"functions": found}, rows.Err()
}

// describeFunctions gives an OpenAPI description of an agent's functions, as far as their names tell.
func (p *Platform) describeFunctions(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	rows, err := p.database.QueryContext(r.Context(), "SELECT name FROM functions WHERE agent_id = ? ORDER BY name", a.id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	paths := members{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		paths["/api/agents/"+a.id+"/functions/"+name+"/invoke"] = members{"post": members{
			"operationId": name,
			"requestBody": members{"content": members{"application/json": members{"schema": members{"type": "object"}}}},
			"responses":   members{"200": members{"description": "what the function gives"}},
		}}
	}
	return members{"openapi": "3.1.0", "info": members{"title": a.name, "version": "1"}, "paths": paths}, rows.Err()
}

// findFunction gives a function's manifest and source.
func (p *Platform) findFunction(r *request) (a *agent, manifest, source string, err error) {
	if a, err = p.ownAgent(r); err != nil {
		return nil, "", "", err
	}
	err = p.database.QueryRowContext(r.Context(), "SELECT manifest, source FROM functions WHERE agent_id = ? AND name = ?", a.id, r.PathValue("function")).
		Scan(&manifest, &source)
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("function")
	}
	return a, manifest, source, err
}

func (p *Platform) getFunction(r *request) (any, error) {
	_, manifest, _, err := p.findFunction(r)
	if err != nil {
		return nil, err
	}
	return members{"name": r.PathValue("function"), "declaration": json.RawMessage(manifest), "usedBy": []members{}}, nil
}

func (p *Platform) deleteFunction(r *request) (any, error) {
	a, _, _, err := p.findFunction(r)
	if err != nil {
		return nil, err
	}
	_, err = p.database.ExecContext(r.Context(), "DELETE FROM functions WHERE agent_id = ? AND name = ?", a.id, r.PathValue("function"))
	return members{"ok": true}, err
}

// functionPart serves what stands below a function.
func (p *Platform) functionPart(r *request) (any, error) {
	_, _, source, err := p.findFunction(r)
	if err != nil {
		return nil, err
	}
	switch r.Method + " " + path.Base(r.URL.Path) {
	case "GET source":
		return members{"source": source}, nil
	case "GET invocations":
		return members{"invocations": []members{}, "cursor": nil}, nil
	case "POST validate":
		input := functionInput{Name: r.PathValue("function"), Manifest: json.RawMessage("{}")}
		if err := r.decode(&input); err != nil {
			return nil, err
		}
		faults := input.faults()
		return members{"ok": len(faults) == 0, "errors": faults, "warnings": []string{}}, nil
	case "POST secret", "DELETE secret":
		return members{"ok": true}, nil
	case "POST invoke":
		return nil, fail(http.StatusNotImplemented, "no_runtime", "the embedded platform does not run functions")
	default:
		return nil, notFound("route")
	}
}
