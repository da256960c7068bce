package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
)

// file is a row of the table content. Its bytes lie in the folder for files, under its id.
type file struct {
	id, userID, agentID string
	name, contentType   string
	size                int64
	sha256              []byte
	visibility          string
	description         string
	tags                []string
	createdAt           int64
}

const fileColumns = "id, user_id, coalesce(agent_id, ''), name, content_type, size, sha256, visibility, description, tags, created_at"

func scanFile(from scanner) (*file, error) {
	var f file
	var tags string
	err := from.Scan(&f.id, &f.userID, &f.agentID, &f.name, &f.contentType, &f.size, &f.sha256, &f.visibility, &f.description, &tags, &f.createdAt)
	if err != nil {
		return nil, err
	}
	f.tags = stringList(tags)
	return &f, nil
}

// body is the file as both generations write it.
func (f *file) body() members {
	address := "/api/content/" + f.id
	if f.visibility == "public" {
		address = "/api/content/public/" + f.id + "/" + url.PathEscape(f.name)
	}
	return members{
		"id": f.id, "originalFileName": f.name, "fileName": f.name, "displayName": f.name, "size": f.size, "url": address,
		"visibility": f.visibility, "contentType": f.contentType, "mimeType": f.contentType, "description": f.description,
		"tags": present(f.tags), "uploadedAt": timestamp(f.createdAt), "createdAt": timestamp(f.createdAt),
	}
}

func checkVisibility(visibility string, orEmpty bool) error {
	if (orEmpty && visibility == "") || slices.Contains([]string{"private", "public", "shared"}, visibility) {
		return nil
	}
	return badRequest("visibility must be one of private, public, shared")
}

func (p *Platform) listContent(r *request) (any, error) {
	return p.answerFiles(r, r.URL.Query().Get("visibility"))
}

// listAgentContent lists what agents of the caller's owner may read.
func (p *Platform) listAgentContent(r *request) (any, error) {
	visibility := r.URL.Query().Get("visibility")
	if visibility == "" {
		visibility = "public"
	}
	return p.answerFiles(r, visibility)
}

// answerFiles lists the owner's files, newest first. An agent's key sees what is public and what is its own.
func (p *Platform) answerFiles(r *request, visibility string) (any, error) {
	limit, offset, err := r.window(1000)
	if err != nil {
		return nil, err
	}
	if err := checkVisibility(visibility, true); err != nil {
		return nil, err
	}
	wanted := slices.DeleteFunc(strings.Split(strings.Join(r.URL.Query()["tags"], ","), ","),
		func(tag string) bool { return strings.TrimSpace(tag) == "" })
	const condition = ` FROM content WHERE user_id = ?1 AND (?2 = '' OR visibility = ?2)
		AND (?3 = '' OR visibility = 'public' OR agent_id = ?3)
		AND NOT EXISTS (SELECT 1 FROM json_each(?4) AS w WHERE trim(w.value) NOT IN (SELECT value FROM json_each(tags)))`
	arguments := []any{r.caller.userID, visibility, r.caller.agentID, encodeList(wanted)}
	var total int
	if err := p.database.QueryRowContext(r.Context(), "SELECT count(*)"+condition, arguments...).Scan(&total); err != nil {
		return nil, err
	}
	files, err := p.queryFiles(r.Context(), "SELECT "+fileColumns+condition+" ORDER BY created_at DESC, id LIMIT ?5 OFFSET ?6",
		append(arguments, limit, offset)...)
	if err != nil {
		return nil, err
	}
	return members{"files": files, "total": total}, nil
}

func (p *Platform) queryFiles(ctx context.Context, query string, arguments ...any) ([]members, error) {
	rows, err := p.database.QueryContext(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	files := []members{}
	for rows.Next() {
		f, err := scanFile(rows)
		if err != nil {
			return nil, err
		}
		files = append(files, f.body())
	}
	return files, rows.Err()
}

func (p *Platform) findFile(ctx context.Context, id string) (*file, error) {
	f, err := scanFile(p.database.QueryRowContext(ctx, "SELECT "+fileColumns+" FROM content WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("file")
	}
	return f, err
}

// readableBy reports whether a caller may read a file: its owner's keys all, an agent's key its own and public ones.
func (f *file) readableBy(who caller) bool {
	if f.visibility == "public" {
		return true
	}
	return f.userID == who.userID && (who.agentID == "" || who.agentID == f.agentID)
}

func (p *Platform) deleteContent(r *request) (any, error) {
	f, err := p.findFile(r.Context(), r.PathValue("content"))
	if err != nil {
		return nil, err
	}
	if f.userID != r.caller.userID || (r.caller.agentID != "" && r.caller.agentID != f.agentID) {
		return nil, notFound("file")
	}
	result, err := p.database.ExecContext(r.Context(), "DELETE FROM content WHERE id = ?", f.id)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(notFound("file"), err) // somebody else was faster
	}
	if err := p.files.remove(f.id); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove file: %w", err)
	}
	return members{"success": true}, nil
}
