package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"slices"
	"time"
)

// readBackRows is how many of the newest files are looked at for one whose upload was left without an answer.
const readBackRows = 100

// UploadedFile is a file that was stored.
type UploadedFile struct {
	ContentFile
	// Reconciled says that the platform's answer was lost and the file was found afterwards, by its name, size, time and
	// bytes. Of such a file only what the platform lists is told here.
	Reconciled bool
}

// findUploaded looks for the file of an upload that was left without an answer: the only one of its name and size that
// was stored since the call began, and holds the same bytes. It gives nil where that cannot be proven, above all for a
// file that may have been there before.
func (s *ContentService) findUploaded(ctx context.Context, body *uploadBody, started time.Time) *ContentFile {
	digest := body.sent()
	if digest == nil {
		return nil // the form never left whole, or the file is too large to be read back
	}
	page, err := s.List(ctx, ContentListOptions{Limit: readBackRows})
	bounds, known := s.client.upstream.clock.read()
	if err != nil || !known {
		return nil
	}
	relate := func(f *ContentFile) timeRelation {
		if f.UploadedAt == nil {
			return timeUnclear
		}
		return bounds.relate(*f.UploadedAt, started, time.Now())
	}
	found := onlyUploaded(page, &body.params, relate)
	if found == nil {
		return nil
	}
	stored, err := s.Read(ctx, found.ID)
	if err != nil || sha256.Sum256(stored.Data) != *digest {
		return nil
	}
	return found
}

// onlyUploaded gives the one file of the page that may be the uploaded one, if it is certain that it is new and that
// there is no other.
func onlyUploaded(page Page[ContentFile], params *UploadParams, relate func(*ContentFile) timeRelation) *ContentFile {
	if page.Next != nil && !reachesBack(page.Items, relate) {
		return nil
	}
	var found *ContentFile
	for i := range page.Items {
		file := &page.Items[i]
		if !params.describes(file) || relate(file) == timeBefore {
			continue
		}
		if found != nil {
			return nil
		}
		found = file
	}
	if found == nil || found.ID == "" || relate(found) != timeSince {
		return nil
	}
	return found
}

// reachesBack reports whether the rows come newest first and go back beyond the call, so that what follows them is older
// still.
func reachesBack(files []ContentFile, relate func(*ContentFile) timeRelation) bool {
	for i := range files {
		if files[i].UploadedAt == nil || (i > 0 && files[i].UploadedAt.After(*files[i-1].UploadedAt)) {
			return false
		}
	}
	return len(files) > 0 && relate(&files[len(files)-1]) == timeBefore
}

// describes reports whether a listed file is as the uploaded one was to be, as far as the list tells.
func (p *UploadParams) describes(f *ContentFile) bool {
	if f.Name != p.Filename || f.Size != p.Size || (f.Visibility != "" && f.Visibility != p.Visibility) {
		return false
	}
	if f.described && f.Description != p.Description {
		return false
	}
	return !f.tagged || slices.Equal(slices.Sorted(slices.Values(f.Tags)), slices.Sorted(slices.Values(p.Tags)))
}

// digestReader computes the SHA-256 of what passes and hands it over at the end.
type digestReader struct {
	source io.Reader
	hash   hash.Hash
	ended  func(*[sha256.Size]byte)
}

func (r *digestReader) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	_, _ = r.hash.Write(p[:n]) // a hash takes everything
	if errors.Is(err, io.EOF) {
		r.ended((*[sha256.Size]byte)(r.hash.Sum(nil)))
	}
	return n, err
}
