package sandbox

import (
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
)

// downloadContent gives a file to a caller that may read it.
func (p *Platform) downloadContent(w http.ResponseWriter, r *http.Request) {
	who, err := p.authenticate(r)
	if err != nil {
		p.respondFailure(w, err)
		return
	}
	f, err := p.findFile(r.Context(), r.PathValue("content"))
	if err == nil && !f.readableBy(who) {
		err = notFound("file")
	}
	p.respondFile(w, f, err)
}

// downloadPublicContent gives a public file to anybody.
func (p *Platform) downloadPublicContent(w http.ResponseWriter, r *http.Request) {
	f, err := p.findFile(r.Context(), r.PathValue("content"))
	if err == nil && f.visibility != "public" {
		err = notFound("file")
	}
	p.respondFile(w, f, err)
}

// respondFile streams a file. Whatever it holds, a browser only saves it: it must not run in this server's origin.
func (p *Platform) respondFile(w http.ResponseWriter, f *file, err error) {
	if err != nil {
		p.respondFailure(w, err)
		return
	}
	stored, err := p.openFile(f.id)
	if err != nil {
		p.respondFailure(w, err)
		return
	}
	defer func() { _ = stored.Close() }() // it was only read
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Content-Length", strconv.FormatInt(f.size, 10))
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	if _, err := io.Copy(w, stored); err != nil {
		p.logger.Debug("sandbox: send file", slog.Any("error", err))
	}
}
