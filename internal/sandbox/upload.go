package sandbox

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// maxFormField bounds a field of an upload that is not the file, in bytes.
const maxFormField = 64 << 10

// sniffLength is how much of a file tells its type where the client does not, in bytes.
const sniffLength = 512

// uploadBuffer is how much of a file is written at once, in bytes: a form comes in pieces of 4 KiB.
const uploadBuffer = 128 << 10

// upload gathers the parts of a multipart form, in whatever order they come.
type upload struct {
	file   *file
	fields map[string]string
}

// uploadContent stores a file, with an agent's key as the agent's.
func (p *Platform) uploadContent(r *request) (any, error) { return p.upload(r, r.caller.agentID) }

// upload stores a file. Its bytes go to the store as they come.
func (p *Platform) upload(r *request, agentID string) (any, error) {
	r.Body = http.MaxBytesReader(r.writer, r.Body, p.maxUpload+1<<20)
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, badRequest("the body must be a multipart form")
	}
	received := &upload{fields: map[string]string{}}
	err = p.receive(reader, received)
	if err == nil {
		err = p.describe(r, received)
	}
	if err == nil {
		received.file.agentID = agentID
		err = insertFile(r.Context(), p.database, received.file)
	}
	if err != nil {
		if received.file != nil {
			err = errors.Join(err, p.files.remove(received.file.id))
		}
		return nil, err
	}
	body := received.file.body()
	answer := members{"file": body}
	maps.Copy(answer, body)
	return answer, nil
}

func (p *Platform) receive(form *multipart.Reader, into *upload) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return brokenForm(err)
		}
		if part.FormName() == "file" && into.file == nil {
			if into.file, err = p.store(part); err != nil {
				return err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFormField+1))
		if err != nil {
			return brokenForm(err)
		}
		if len(value) > maxFormField || len(into.fields) > 20 {
			return badRequest("the form's fields are too large")
		}
		into.fields[part.FormName()] = string(value)
	}
}

// brokenForm tells what ended an upload: its size, the place where files are kept, or else the client.
func brokenForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge()
	}
	if full, ok := errors.AsType[*failure](err); ok {
		return full
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("write file: %w", err)
	}
	return badRequest("the multipart form is broken")
}

func tooLarge() *failure {
	return fail(http.StatusRequestEntityTooLarge, "too_large", "the file is larger than this platform takes")
}

// store writes a file's bytes to disk and gives what is known of it.
func (p *Platform) store(part *multipart.Part) (stored *file, err error) {
	f := &file{id: uuid.NewString(), name: baseName(part.FileName()), contentType: part.Header.Get("Content-Type")}
	target, err := p.files.create(f.id)
	if err != nil {
		return nil, fmt.Errorf("create file: %w", err)
	}
	defer func() {
		if closeErr := target.Close(); closeErr != nil && err == nil {
			err = fmt.Errorf("close file: %w", closeErr)
		}
		if err != nil {
			err = errors.Join(err, p.files.remove(f.id))
		}
	}()
	body := bufio.NewReaderSize(part, sniffLength)
	if media, _, err := mime.ParseMediaType(f.contentType); err != nil || media == "" {
		head, _ := body.Peek(sniffLength) // a short or broken part shows below, where it is read
		f.contentType = http.DetectContentType(head)
	}
	hash := sha256.New()
	gathered := bufio.NewWriterSize(io.MultiWriter(target, hash), uploadBuffer)
	f.size, err = io.Copy(gathered, io.LimitReader(body, p.maxUpload+1))
	if err == nil {
		err = gathered.Flush()
	}
	switch {
	case f.size > p.maxUpload:
		return nil, tooLarge()
	case err != nil:
		return nil, brokenForm(err)
	}
	f.sha256 = hash.Sum(nil)
	return f, nil
}

// describe fills in what the form's fields say.
func (p *Platform) describe(r *request, received *upload) error {
	f, fields := received.file, received.fields
	if f == nil {
		return badRequest("the form has no part file")
	}
	f.userID, f.createdAt = r.caller.userID, p.now().UnixMilli()
	if name := baseName(fields["displayName"]); name != "" {
		f.name = name
	}
	if f.name == "" {
		return badRequest("the file has no name")
	}
	f.visibility, f.description = fields["visibility"], fields["description"]
	if f.visibility == "" {
		f.visibility = "private"
	}
	if err := checkVisibility(f.visibility, false); err != nil {
		return err
	}
	if len(f.description) > maxDescription {
		return badRequest("description has at most %d bytes", maxDescription)
	}
	if tags := fields["tags"]; tags != "" {
		if err := json.Unmarshal([]byte(tags), &f.tags); err != nil || len(f.tags) > maxIntents {
			return badRequest("tags must be a JSON array of at most %d strings", maxIntents)
		}
	}
	return nil
}

func insertFile(ctx context.Context, on execer, f *file) error {
	agent := any(f.agentID)
	if f.agentID == "" {
		agent = nil
	}
	_, err := on.ExecContext(ctx, `INSERT INTO content (id, user_id, agent_id, name, content_type, size, sha256, visibility,
		description, tags, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.id, f.userID, agent, f.name, f.contentType, f.size, f.sha256, f.visibility, f.description, encodeList(f.tags), f.createdAt)
	if err != nil {
		return fmt.Errorf("insert file: %w", err)
	}
	return nil
}

// baseName keeps of a file's name what is no folder and can be shown, at most 255 bytes.
func baseName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(name, ""))
	for len(name) > 255 {
		name = name[:len(name)-1]
	}
	return strings.ToValidUTF8(name, "")
}
