package sandbox

import (
	"io"
	"log/slog"
	"mime"
	"strconv"
)

// downloadContent gives a file to a caller that may read it.
func (p *Platform) downloadContent(r *request) (any, error) {
	f, err := p.findFile(r.Context(), r.PathValue("content"))
	if err == nil && !f.readableBy(r.caller) {
		err = notFound("file")
	}
	return p.sendFile(r, f, err)
}

// downloadPublicContent gives a public file to anybody.
func (p *Platform) downloadPublicContent(r *request) (any, error) {
	f, err := p.findFile(r.Context(), r.PathValue("content"))
	if err == nil && f.visibility != "public" {
		err = notFound("file")
	}
	return p.sendFile(r, f, err)
}

// sendFile streams a file. Whatever it holds, a browser only saves it: it must not run in this server's origin.
func (p *Platform) sendFile(r *request, f *file, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	stored, err := p.openFile(f.id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stored.Close() }() // it was only read
	header := r.writer.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Content-Length", strconv.FormatInt(f.size, 10))
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	if _, err := io.Copy(r.writer, stored); err != nil {
		p.logger.Debug("sandbox: send file", slog.Any("error", err))
	}
	return written{}, nil
}
