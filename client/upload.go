package client

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// maxFileNameLength bounds a file's name, in bytes, as file systems do.
const maxFileNameLength = 255

// UploadParams describes a file to store.
type UploadParams struct {
	// Filename is the file's name, without a folder: 1 to 255 bytes. Required.
	Filename string
	// Open gives the file's bytes from their start. It is called once for each attempt. Required.
	Open func() (io.ReadCloser, error)
	// Size is the number of bytes that Open gives.
	Size int64
	// ContentType is the media type; application/octet-stream when empty.
	ContentType string
	// Visibility says who may read the file; private when empty.
	Visibility Visibility
	// Description is for people and agents that look for the file.
	Description string
	// Tags are labels.
	Tags []string
}

// BytesUpload describes a file whose bytes are in memory.
func BytesUpload(filename string, data []byte) UploadParams {
	return UploadParams{
		Filename: filename,
		Size:     int64(len(data)),
		Open:     func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
}

func (p *UploadParams) check(operation string) error {
	switch {
	case p.Open == nil || p.Size < 0:
		return invalidArgument(operation, "there are no bytes to upload")
	case p.Filename == "" || p.Filename == "." || p.Filename == "..":
		return invalidArgument(operation, "the file needs a name")
	case len(p.Filename) > maxFileNameLength:
		return invalidArgument(operation, "the file's name is longer than 255 bytes")
	case !utf8.ValidString(p.Filename) || strings.ContainsFunc(p.Filename, unfitForFilename):
		return invalidArgument(operation, "the file's name must not hold a path separator or a control character")
	}
	if p.ContentType == "" {
		p.ContentType = "application/octet-stream"
	}
	if _, _, err := mime.ParseMediaType(p.ContentType); err != nil {
		return invalidArgument(operation, "the content type is not a media type such as text/plain")
	}
	if p.Visibility == "" {
		p.Visibility = VisibilityPrivate
	}
	return nil
}

func unfitForFilename(r rune) bool { return r < ' ' || r == 0x7f || r == '/' || r == '\\' }

// complete fills in what was sent and the platform's answer leaves out.
func (p *UploadParams) complete(file *ContentFile) {
	if file.Name == "" {
		file.Name = p.Filename
	}
	if file.Size == 0 {
		file.Size = p.Size
	}
	if file.ContentType == "" {
		file.ContentType = p.ContentType
	}
	if file.Visibility == "" {
		file.Visibility = p.Visibility
	}
	if file.Description == "" {
		file.Description = p.Description
	}
	if len(file.Tags) == 0 && len(p.Tags) > 0 {
		file.Tags = p.Tags
	}
}

// uploadBody is a multipart form around a stream. Its head and tail are made once; the file's bytes flow between them.
// The standard library's writer makes them, since it escapes what a hostile file name could inject into a header.
type uploadBody struct {
	params      UploadParams
	head, tail  []byte
	contentType string
	length      int64

	mu     sync.Mutex
	err    error
	digest *[sha256.Size]byte
}

// sent gives the digest of the file's bytes once the last attempt has read them all, if they are few enough to be read
// back.
func (b *uploadBody) sent() *[sha256.Size]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.digest
}

func (b *uploadBody) read(digest *[sha256.Size]byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.digest = digest
}

// failure says why the file could not be read, or nothing.
func (b *uploadBody) failure() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.err == nil:
		return ""
	case errors.Is(b.err, errFileChanged):
		return "the file changed while it was read"
	default:
		return "the file cannot be read"
	}
}

func (b *uploadBody) failed(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

func newUploadBody(params UploadParams, displayName bool) *uploadBody {
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	// The boundary is random, so that no file can hold it by design.
	_ = writer.SetBoundary(randomBoundary())
	fields := [][2]string{{"visibility", string(params.Visibility)}}
	if params.Description != "" {
		fields = append(fields, [2]string{"description", params.Description})
	}
	if len(params.Tags) > 0 {
		encoded, _ := json.Marshal(params.Tags) //nolint:errchkjson // strings always encode
		fields = append(fields, [2]string{"tags", string(encoded)})
	}
	if displayName {
		fields = append(fields, [2]string{"displayName", params.Filename})
	}
	for _, field := range fields {
		_ = writer.WriteField(field[0], field[1]) // a bytes.Buffer takes everything
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition("file", params.Filename))
	header.Set("Content-Type", params.ContentType)
	_, _ = writer.CreatePart(header)
	head := bytes.Clone(form.Bytes())
	form.Reset()
	_ = writer.Close()

	body := &uploadBody{params: params, head: head, tail: bytes.Clone(form.Bytes())}
	body.contentType = writer.FormDataContentType()
	body.length = int64(len(body.head)) + params.Size + int64(len(body.tail))
	return body
}

func randomBoundary() string {
	var random [24]byte
	_, _ = rand.Read(random[:]) // never fails since Go 1.24
	return hex.EncodeToString(random[:])
}

// allowance is the extra time that the file's bytes get: a second for each 256 KiB.
func (b *uploadBody) allowance() time.Duration {
	return time.Duration(b.params.Size/(256<<10)) * time.Second
}

// open gives a fresh body for one attempt. The file is opened at the first read and closed with the body.
func (b *uploadBody) open() io.ReadCloser {
	b.read(nil)
	file := &exactReader{open: b.params.Open, left: b.params.Size, failed: b.failed}
	var content io.Reader = file
	if b.params.Size <= maxResponseBytes {
		content = &digestReader{source: file, hash: sha256.New(), ended: b.read}
	}
	return &uploadReader{
		Reader: io.MultiReader(bytes.NewReader(b.head), content, bytes.NewReader(b.tail)),
		file:   file,
	}
}

type uploadReader struct {
	io.Reader
	file *exactReader
}

func (r *uploadReader) Close() error { return r.file.close() }

var errFileChanged = errors.New("the file's length changed while it was read")

// exactReader gives the announced number of bytes or fails: a file that shrinks or grows during the upload must not
// break the form's framing.
type exactReader struct {
	open   func() (io.ReadCloser, error)
	source io.ReadCloser
	left   int64
	closed bool
	failed func(error)
}

func (r *exactReader) Read(p []byte) (int, error) {
	if r.closed {
		return 0, errors.New("read upload: it is closed")
	}
	n, err := r.read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed(err)
	}
	return n, err
}

func (r *exactReader) read(p []byte) (int, error) {
	if r.source == nil {
		source, err := r.open()
		if err != nil {
			return 0, err
		}
		r.source = source
	}
	if r.left == 0 {
		var extra [1]byte
		if n, _ := io.ReadFull(r.source, extra[:]); n > 0 {
			return 0, errFileChanged
		}
		return 0, io.EOF
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.source.Read(p)
	r.left -= int64(n)
	if errors.Is(err, io.EOF) && r.left > 0 {
		return n, errFileChanged
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func (r *exactReader) close() error {
	r.closed = true
	if r.source == nil {
		return nil
	}
	return r.source.Close()
}
