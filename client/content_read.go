package client

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AgentAccess gives a page of the files that agents of the key's owner may read; an agent's key gives that agent's.
// An empty visibility means public.
//
// Route: GET /content/agent-access (2025).
func (s *ContentService) AgentAccess(ctx context.Context, visibility Visibility) ([]ContentFile, error) {
	o := s.client.operation(contentAgentAccess)
	if visibility == "" {
		visibility = VisibilityPublic
	}
	got, err := s.client.do(ctx, o, call{query: url.Values{"visibility": {string(visibility)}}.Encode()})
	if err != nil {
		return nil, err
	}
	var wire struct {
		Files   rows[ContentFile] `json:"files"`
		Content rows[ContentFile] `json:"content"`
	}
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if !wire.Files.found {
		wire.Files = wire.Content
	}
	return wire.Files.must(o)
}

// ListOfAgent gives a page of the files of one agent. Query keeps those that hold its words; all when empty. Limit is
// the most rows: 1 to 1000, 50 when 0.
//
// Route: GET /agents/{id or name}/content (2026).
func (s *ContentService) ListOfAgent(ctx context.Context, idOrName, query string, limit int, from Cursor) (Page[ContentFile], error) {
	o := s.client.operation(contentAgentList)
	limit = pageLimit(limit)
	// This route counts pages, not rows.
	pages := from.Offset / limit
	values := url.Values{"limit": {strconv.Itoa(limit)}, "page": {strconv.Itoa(pages + 1)}}
	if query != "" {
		values.Set("q", query)
	}
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"agent": idOrName}, query: values.Encode()})
	if err != nil {
		return Page[ContentFile]{}, err
	}
	rows, total, err := decodeList[ContentFile](o, got, "items")
	if err != nil {
		return Page[ContentFile]{}, err
	}
	return newPage(o, rows, total, limit, pages*limit, from, fileID)
}

// ContentData is a file with its bytes.
type ContentData struct {
	// File is what the platform tells about the file; of Read only its id, name and content type.
	File ContentFile
	// Data are the bytes, at most 8 MiB.
	Data []byte
}

// Text gives the bytes as a text, if they are one.
func (d *ContentData) Text() (string, bool) {
	if !utf8.Valid(d.Data) {
		return "", false
	}
	return string(d.Data), true
}

// Read gives the bytes of one of the owner's files. It returns [ErrBadResponse] when there are more than 8 MiB.
//
// Route: GET /content/{id} (2025).
func (s *ContentService) Read(ctx context.Context, id string) (*ContentData, error) {
	o := s.client.operation(contentRead)
	got, err := s.client.do(ctx, o, call{identifiers: map[string]string{"content": id}})
	if err != nil {
		return nil, err
	}
	return &ContentData{
		File: ContentFile{ID: id, Name: fileNameOf(got.disposition), Size: int64(len(got.body)), ContentType: got.contentType}, Data: got.body,
	}, nil
}

// fileNameOf reads the name of a download, or gives none.
func fileNameOf(disposition string) string {
	_, parameters, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	return parameters["filename"]
}

// ReadOfAgent gives one of an agent's files with its bytes.
//
// Route: GET /agents/{id or name}/content/{id} (2026).
func (s *ContentService) ReadOfAgent(ctx context.Context, idOrName, id string) (*ContentData, error) {
	o := s.client.operation(contentAgentRead)
	got, err := s.client.do(ctx, o, call{
		identifiers: map[string]string{"agent": idOrName, "content": id}, query: url.Values{"format": {"base64"}}.Encode(),
	})
	if err != nil {
		return nil, err
	}
	data := new(ContentData)
	if err := decodeAnswer(o, got.body, &data.File); err != nil {
		return nil, err
	}
	if isUUID(id) && isUUID(data.File.ID) && !strings.EqualFold(data.File.ID, id) {
		return nil, unusable(o, "the answer describes another file")
	}
	var wire struct {
		Text   *string `json:"text"`
		Base64 *string `json:"base64"`
	}
	if err := json.Unmarshal(got.body, &wire); err != nil {
		return nil, unusable(o, "the answer holds no bytes")
	}
	switch {
	case wire.Base64 != nil:
		if data.Data, err = base64.StdEncoding.DecodeString(*wire.Base64); err != nil {
			return nil, unusable(o, "the answer's bytes are not base64")
		}
	case wire.Text != nil:
		data.Data = []byte(*wire.Text)
	default:
		return nil, unusable(o, "the answer holds no bytes")
	}
	return data, nil
}

// Delete removes one of the owner's files for good. When the platform does not say whether it did, the file is looked
// up: if it is gone, the deletion counts as done.
//
// Route: DELETE /content/{id}.
func (s *ContentService) Delete(ctx context.Context, id string) (*Deletion, error) {
	o := s.client.operation(contentDelete)
	_, err := s.client.do(ctx, o, call{identifiers: map[string]string{"content": id}})
	if err == nil {
		return &Deletion{}, nil
	}
	if !errors.Is(err, ErrOutcomeUnknown) {
		return nil, err
	}
	if _, lookup := s.Read(ctx, id); errors.Is(lookup, ErrNotFound) {
		return &Deletion{AlreadyAbsent: true}, nil
	}
	return nil, err
}
