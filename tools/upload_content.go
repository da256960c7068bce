package tools

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// UploadContentInput holds the arguments of upload_content.
type UploadContentInput struct {
	Filename    string   `json:"filename,omitempty" jsonschema:"minLength=1,maxLength=255" jsonschema_description:"Name to store it under; default for path: its own."`
	Text        *string  `json:"text,omitempty" jsonschema:"maxLength=3145728" jsonschema_description:"The file as text."`
	Base64      *string  `json:"base64,omitempty" jsonschema:"maxLength=3145728" jsonschema_description:"The file as base64."`
	Path        *string  `json:"path,omitempty" jsonschema:"minLength=1,maxLength=4096" jsonschema_description:"A file under --upload-root."`
	Visibility  string   `json:"visibility,omitempty" jsonschema:"enum=private,enum=public,default=private" jsonschema_description:"Public files can be read by agents."`
	Tags        []string `json:"tags,omitempty" jsonschema:"maxItems=20,minLength=1,maxLength=100" jsonschema_description:"Labels to find it by."`
	Description string   `json:"description,omitempty" jsonschema:"maxLength=2000" jsonschema_description:"What the file is for."`
	Trial
}

// Check finds the faults that span arguments.
func (in UploadContentInput) Check() []schema.Fault {
	var faults []schema.Fault
	switch in.sources() {
	case 1:
	case 0:
		faults = append(faults, schema.Fault{
			Problem: "one of text, base64 and path must give the file", ValidValues: []string{"text", "base64", "path"},
		})
	default:
		faults = append(faults, schema.Fault{
			Problem: "only one of text, base64 and path may be given", ValidValues: []string{"text", "base64", "path"},
		})
	}
	if in.Filename == "" && in.Path == nil && in.sources() > 0 { // without a source nobody knows whether it takes one
		faults = append(faults, schema.Fault{Field: "filename", Problem: "is required with text and base64"})
	}
	if strings.ContainsAny(in.Filename, `/\`) || in.Filename == "." || in.Filename == ".." {
		faults = append(faults, schema.Fault{Field: "filename", Problem: "must be a file's name without a folder"})
	}
	if in.Base64 != nil {
		if _, err := decodeBase64(*in.Base64); err != nil {
			faults = append(faults, schema.Fault{Field: "base64", Problem: "is not valid base64"})
		}
	}
	return faults
}

func (in UploadContentInput) sources() int {
	n := 0
	for _, source := range []*string{in.Text, in.Base64, in.Path} {
		if source != nil {
			n++
		}
	}
	return n
}

// UploadContentOutput is the result of upload_content.
type UploadContentOutput struct {
	File FileRow `json:"file"`
}

func (out UploadContentOutput) attachments() []Attachment { return []Attachment{contentLink(out.File)} }

func (t contentTools) uploadContent() Tool {
	return defineMutation(t.platform, Spec{
		Name: "upload_content", Title: "Upload a file", Toolset: ToolsetContent, Class: client.Create,
		Description: "Uploads a file to storage: saves, stores, adds, writes or puts a copy of text, a document, image or attachment there. " +
			"Private unless public is asked for. Overwrites nothing.",
		Example: `{"filename":"notes.txt","text":"hello","tags":["notes"]}`,
	}, t.previewUpload, func(ctx context.Context, in UploadContentInput) (UploadContentOutput, error) {
		params, err := t.source(in)
		if err != nil {
			return UploadContentOutput{}, notSent(err)
		}
		params.Visibility = client.Visibility(in.Visibility)
		params.Tags, params.Description = in.Tags, in.Description
		params.Open = openWithProgress(ctx, params)
		file, err := t.platform.Client.Content.Upload(ctx, params)
		if err != nil {
			return UploadContentOutput{}, err
		}
		return UploadContentOutput{File: t.platform.fileRow(&file.ContentFile)}, nil
	})
}

func (t contentTools) previewUpload(_ context.Context, in UploadContentInput) (Preview, error) {
	params, err := t.source(in)
	if err != nil {
		return Preview{}, err
	}
	terms := ""
	if in.Path != nil { // the arguments do not hold the bytes
		if terms, err = digestOf(params); err != nil {
			return Preview{}, err
		}
	}
	return Preview{
		Terms: terms,
		Would: fmt.Sprintf("Store %s, %d bytes, as a new %s file of the user. Nothing is overwritten.", visible(params.Filename), params.Size, in.Visibility),
		After: map[string]any{"name": params.Filename, "size_bytes": params.Size, "content_type": params.ContentType, "visibility": in.Visibility},
	}, nil
}

// digestOf tells a file's bytes from others.
func digestOf(params client.UploadParams) (string, error) {
	digest := sha256.New()
	opened, err := params.Open()
	if err == nil {
		_, err = io.Copy(digest, opened)
		err = errors.Join(err, opened.Close())
	}
	if err != nil {
		return "", refusedPath("the file cannot be read, or was replaced meanwhile", "Call again once it is complete.")
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// source opens what the arguments give as the file.
func (t contentTools) source(in UploadContentInput) (client.UploadParams, error) {
	if in.Path != nil {
		return t.platform.UploadRoots.upload(*in.Path, in.Filename)
	}
	var data []byte
	if in.Text != nil {
		data = []byte(*in.Text)
	}
	if in.Base64 != nil {
		decoded, err := decodeBase64(*in.Base64)
		if err != nil {
			return client.UploadParams{}, &Error{
				Code: CodeInvalidArgument, Message: `"base64" is not valid base64`, NextStep: "Encode the file again.",
			}
		}
		data = decoded
	}
	params := client.BytesUpload(in.Filename, data)
	params.ContentType = contentType(in.Filename, data)
	return params, nil
}

// decodeBase64 takes the standard and the URL alphabet, with or without padding, and white space.
func decodeBase64(encoded string) ([]byte, error) {
	compact := strings.TrimRight(strings.Join(strings.Fields(encoded), ""), "=")
	if strings.ContainsAny(compact, "-_") {
		return base64.RawURLEncoding.DecodeString(compact)
	}
	return base64.RawStdEncoding.DecodeString(compact)
}

// The size from which an upload tells how far it is, and how often, in bytes.
const (
	progressFrom = 1 << 20
	progressStep = 256 << 10
)

// openWithProgress opens the bytes of a large upload so that reading them reports how far it is. An upload that is
// begun again goes on reporting from where it was ahead.
func openWithProgress(ctx context.Context, params client.UploadParams) func() (io.ReadCloser, error) {
	if params.Size < progressFrom {
		return params.Open
	}
	reported := int64(0)
	return func() (io.ReadCloser, error) {
		opened, err := params.Open()
		if err != nil {
			return nil, err
		}
		return &progressReader{ReadCloser: opened, reported: &reported, report: func(read int64) {
			reportProgress(ctx, Progress{
				Done: float64(read), Total: float64(params.Size), Message: fmt.Sprintf("%d of %d bytes sent", read, params.Size),
			})
		}}, nil
	}
}

// progressReader reports each step of what is read.
type progressReader struct {
	io.ReadCloser
	read     int64
	reported *int64
	report   func(read int64)
}

func (r *progressReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.read += int64(n)
	if r.read >= *r.reported+progressStep || (errors.Is(err, io.EOF) && r.read > *r.reported) {
		*r.reported = r.read
		r.report(r.read)
	}
	return n, err
}
