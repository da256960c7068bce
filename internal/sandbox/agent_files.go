package sandbox

import (
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"unicode/utf8"
)

// maxInlineRead bounds a file that is read within JSON, in bytes.
const maxInlineRead = 4 << 20

// agentFile finds a file that an agent may read.
func (p *Platform) agentFile(r *request) (*agent, *file, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, nil, err
	}
	f, err := p.findFile(r.Context(), r.PathValue("content"))
	if err != nil {
		return nil, nil, err
	}
	if f.userID != a.userID || (f.visibility != "public" && f.agentID != a.id) {
		return nil, nil, notFound("file")
	}
	return a, f, nil
}

// readAgentContent gives a file's bytes within JSON.
func (p *Platform) readAgentContent(r *request) (any, error) {
	_, f, err := p.agentFile(r)
	if err != nil {
		return nil, err
	}
	if f.size > maxInlineRead {
		return nil, fail(http.StatusRequestEntityTooLarge, "too_large", "the file is too large to be read within JSON; use its url")
	}
	data, err := p.readFile(f.id)
	if err != nil {
		return nil, err
	}
	body := f.body()
	switch format := r.URL.Query().Get("format"); {
	case format == "base64", format == "" && !utf8.Valid(data):
		body["base64"] = base64.StdEncoding.EncodeToString(data)
	case format == "" || format == "text":
		if !utf8.Valid(data) {
			return nil, badRequest("the file is not a text; use format=base64")
		}
		body["text"] = string(data)
	default:
		return nil, badRequest("format must be text or base64")
	}
	return body, nil
}

// addAgentContent gives an agent a file: one that is uploaded, or one of its owner's by its id. Only that there are
// both is known of the route.
func (p *Platform) addAgentContent(r *request) (any, error) {
	a, err := p.ownAgent(r)
	if err != nil {
		return nil, err
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && media == "multipart/form-data" {
		return p.upload(r, a.id)
	}
	// An agent that could link files to itself could read all of its owner's.
	if err := owners.admit(r.caller); err != nil {
		return nil, err
	}
	var input struct {
		ContentID string `json:"contentId"`
	}
	if err := r.decode(&input); err != nil {
		return nil, err
	}
	if input.ContentID == "" {
		return nil, badRequest("contentId, or a multipart form with a file, is required")
	}
	f, err := p.findFile(r.Context(), input.ContentID)
	if err == nil && f.userID != a.userID {
		err = notFound("file")
	}
	if err != nil {
		return nil, err
	}
	result, err := p.database.ExecContext(r.Context(), "UPDATE content SET agent_id = ?1 WHERE id = ?2 AND (agent_id IS NULL OR agent_id = ?1)", a.id, f.id)
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(fail(http.StatusConflict, "linked", "the file belongs to another agent"), err)
	}
	return f.body(), nil
}

// unlinkAgentContent takes a file away from an agent. It stays in its owner's library.
func (p *Platform) unlinkAgentContent(r *request) (any, error) {
	a, f, err := p.agentFile(r)
	if err != nil {
		return nil, err
	}
	if f.agentID != a.id {
		return nil, notFound("file")
	}
	if _, err := p.database.ExecContext(r.Context(), "UPDATE content SET agent_id = NULL WHERE id = ?", f.id); err != nil {
		return nil, err
	}
	return members{"success": true}, nil
}
