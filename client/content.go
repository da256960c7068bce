package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Visibility says who may read a file.
type Visibility string

// The visibilities that the platform knows.
const (
	VisibilityPrivate Visibility = "private"
	VisibilityPublic  Visibility = "public"
	VisibilityShared  Visibility = "shared"
)

// ContentFile is a file on the platform.
type ContentFile struct {
	// ID is the file's unique id.
	ID string
	// Name is the file's name as it was uploaded.
	Name string
	// Size is the length in bytes.
	Size int64
	// URL is where the file can be read. The client never sends the key to it.
	URL string
	// Visibility says who may read it; empty where the platform does not tell it.
	Visibility Visibility
	// ContentType is the media type.
	ContentType string
	// Description is the owner's description.
	Description string
	// Tags are the owner's labels, never nil.
	Tags []string
	// UploadedAt is nil where the platform does not tell it.
	UploadedAt *time.Time

	// described and tagged say that the platform tells the description and the tags, be it that there are none.
	described, tagged bool
}

// SizeFormatted gives the size as people read it: 512B, 12KB, 3.4MB.
func (f *ContentFile) SizeFormatted() string {
	const kibibyte, mebibyte = 1 << 10, 1 << 20
	switch {
	case f.Size > mebibyte:
		return fmt.Sprintf("%.1fMB", float64(f.Size)/mebibyte)
	case f.Size > kibibyte:
		return fmt.Sprintf("%dKB", f.Size/kibibyte)
	default:
		return fmt.Sprintf("%dB", f.Size)
	}
}

// UnmarshalJSON reads a file as any generation of the platform writes it, nested under "file" or flat.
func (f *ContentFile) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID               text   `json:"id"`
		OriginalFileName text   `json:"originalFileName"`
		FileName         text   `json:"fileName"`
		DisplayName      text   `json:"displayName"`
		Name             text   `json:"name"`
		Size             count  `json:"size"`
		URL              text   `json:"url"`
		Visibility       text   `json:"visibility"`
		ContentType      text   `json:"contentType"`
		MimeType         text   `json:"mimeType"`
		Tags             texts  `json:"tags"`
		UploadedAt       moment `json:"uploadedAt"`
		CreatedAt        moment `json:"createdAt"`

		Description json.RawMessage `json:"description"`
	}
	if err := json.Unmarshal(unwrap(data, "file"), &wire); err != nil {
		return err
	}
	var description text
	_ = description.UnmarshalJSON(wire.Description) // text never fails
	uploaded := wire.UploadedAt.pointer()
	if uploaded == nil {
		uploaded = wire.CreatedAt.pointer()
	}
	*f = ContentFile{
		ID:          string(wire.ID),
		Name:        first(wire.OriginalFileName, wire.DisplayName, wire.FileName, wire.Name),
		Size:        wire.Size.value,
		URL:         string(wire.URL),
		Visibility:  Visibility(wire.Visibility),
		ContentType: first(wire.MimeType, wire.ContentType),
		Description: string(description),
		Tags:        wire.Tags.plain(),
		UploadedAt:  uploaded,
		described:   wire.Description != nil,
		tagged:      wire.Tags != nil,
	}
	return nil
}

// ContentService lists, reads, uploads and deletes files.
type ContentService struct{ client *Client }

// ContentListOptions narrows [ContentService.List].
type ContentListOptions struct {
	// Visibility keeps files of one visibility; all when empty.
	Visibility Visibility
	// Tags keeps files that carry these labels; all when empty.
	Tags []string
	// Limit is the most rows of the page: 1 to 1000, 50 when 0.
	Limit int
	// Cursor is where the page starts, as [Page.Next] gave it.
	Cursor Cursor
}

// List gives a page of the owner's files. The 2026 portal lists files to browser sessions only: it gives
// [ErrUnsupported].
//
// Route: GET /content.
func (s *ContentService) List(ctx context.Context, options ContentListOptions) (Page[ContentFile], error) {
	o := s.client.operation(contentList)
	if slices.ContainsFunc(options.Tags, func(tag string) bool { return strings.Contains(tag, ",") }) {
		return Page[ContentFile]{}, invalidArgument(o.Name, "a tag must not hold a comma")
	}
	limit := pageLimit(options.Limit)
	query := pageQuery(limit, options.Cursor)
	if options.Visibility != "" {
		query += "&visibility=" + url.QueryEscape(string(options.Visibility))
	}
	if len(options.Tags) > 0 {
		query += "&tags=" + url.QueryEscape(strings.Join(options.Tags, ","))
	}
	got, err := s.client.do(ctx, o, call{query: query})
	if err != nil {
		return Page[ContentFile]{}, s.sessionOnly(ctx, err)
	}
	rows, total, err := decodeList[ContentFile](o, got, "files")
	if err != nil {
		return Page[ContentFile]{}, err
	}
	page, err := newPage(o, rows, total, limit, options.Cursor.Offset, options.Cursor, fileID)
	page.Items = slices.DeleteFunc(page.Items, func(f ContentFile) bool { return !options.keeps(&f) })
	return page, err
}

// keeps applies the options here, too, since not every platform does.
func (o *ContentListOptions) keeps(f *ContentFile) bool {
	if o.Visibility != "" && f.Visibility != "" && f.Visibility != o.Visibility {
		return false
	}
	for _, tag := range o.Tags {
		if len(f.Tags) > 0 && !slices.Contains(f.Tags, strings.TrimSpace(tag)) {
			return false
		}
	}
	return true
}

// sessionOnly tells a platform that lists files to browser sessions only from a key that is not accepted at all: the
// 2026 portal answers both with 401.
func (s *ContentService) sessionOnly(ctx context.Context, err error) error {
	apiError, ok := errors.AsType[*APIError](err)
	if !ok || (!errors.Is(err, ErrUnauthorized) && !errors.Is(err, ErrForbidden)) {
		return err
	}
	if _, lookup := s.client.User.Get(ctx); lookup != nil {
		return err
	}
	apiError.kind, apiError.Message = ErrUnsupported, "this platform lists files to browser sessions only, not to an API key"
	return apiError
}

// All walks every file of the owner that options keep. It ends after the first error, which it yields.
func (s *ContentService) All(ctx context.Context, options ContentListOptions) iter.Seq2[ContentFile, error] {
	return all(ctx, func(ctx context.Context, from Cursor) (Page[ContentFile], error) {
		options.Cursor = from
		return s.List(ctx, options)
	})
}

// Upload stores a file. The bytes are streamed: they are never held whole in memory. When the platform does not say
// whether it stored the file, it is not sent again: the newest files are listed, and the only one of its name, size and,
// where they are listed, description and tags that is newer than the call is read back, up to 8 MiB. Unless that holds
// the same bytes the result is [ErrOutcomeUnknown].
//
// Routes: POST /content/upload (2026), POST /content (2025); both multipart.
func (s *ContentService) Upload(ctx context.Context, params UploadParams) (*UploadedFile, error) {
	o := s.client.operation(contentUpload)
	if err := params.check(o.Name); err != nil {
		return nil, err
	}
	started := time.Now()
	var sent *uploadBody
	file, err := s.upload(ctx, o, call{adapt: func(to Route) call {
		sent = newUploadBody(params, to.Method == http.MethodPost && to.Generation == Generation2026)
		return call{upload: sent}
	}})
	if errors.Is(err, ErrOutcomeUnknown) {
		if found := s.findUploaded(ctx, sent, started); found != nil {
			return &UploadedFile{ContentFile: *found, Reconciled: true}, nil
		}
	}
	if err != nil {
		return nil, err
	}
	params.complete(file)
	return &UploadedFile{ContentFile: *file}, nil
}

func (s *ContentService) upload(ctx context.Context, o *operation, request call) (*ContentFile, error) {
	got, err := s.client.do(ctx, o, request)
	if err != nil {
		return nil, err
	}
	file := new(ContentFile)
	if err := decodeAnswer(o, got.body, file); err != nil {
		return nil, err
	}
	if file.ID == "" && file.URL == "" {
		return nil, unusable(o, "the answer holds no file")
	}
	return file, nil
}

func fileID(f *ContentFile) string { return f.ID }
