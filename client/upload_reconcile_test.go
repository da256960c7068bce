package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// shelf is a platform on a fake clock that keeps files, and loses its answers to uploads.
type shelf struct {
	ahead   time.Duration // of its clock
	takes   time.Duration // to store a file
	forgets bool          // to store what is uploaded
	hangsUp bool          // before it has read the upload
	name    string
	bytes   []byte
	files   []shelved
	asked   []string
}

type shelved struct {
	ID         string `json:"id"`
	FileName   string `json:"fileName"`
	Size       int    `json:"size"`
	Visibility string `json:"visibility,omitempty"`
	UploadedAt string `json:"uploadedAt,omitempty"`

	Description *string   `json:"description,omitempty"`
	Tags        *[]string `json:"tags,omitempty"`

	bytes []byte
}

func (s *shelf) now() time.Time { return time.Now().Add(s.ahead) }

// put adds a file that is so old.
func (s *shelf) put(data []byte, age time.Duration, change ...func(*shelved)) {
	file := shelved{
		ID: fmt.Sprintf("file%d", len(s.files)+1), FileName: s.name, Size: len(data), Visibility: "private",
		UploadedAt: s.now().Add(-age).UTC().Format("2006-01-02T15:04:05.000Z"), bytes: data,
	}
	for _, apply := range change {
		apply(&file)
	}
	s.files = slices.Insert(s.files, 0, file)
}

func (s *shelf) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, r.Method+" "+r.URL.Path)
	header := http.Header{"Date": {s.now().UTC().Format(http.TimeFormat)}}
	id, isFile := strings.CutPrefix(r.URL.Path, "/api/content/")
	switch {
	case r.Method == http.MethodPost:
		if !s.hangsUp {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		_ = r.Body.Close()
		time.Sleep(s.takes)
		if !s.forgets {
			s.put(s.bytes, 0)
		}
		return nil, io.ErrUnexpectedEOF
	case isFile:
		i := slices.IndexFunc(s.files, func(f shelved) bool { return f.ID == id })
		if i < 0 {
			return jsonResponse(r, http.StatusNotFound, `{"error":"not found"}`, header), nil
		}
		return jsonResponse(r, http.StatusOK, string(s.files[i].bytes), header), nil
	default:
		page := s.files[:min(len(s.files), readBackRows)]
		body, err := json.Marshal(map[string]any{"files": page, "total": len(s.files)})
		if err != nil {
			return nil, err
		}
		return jsonResponse(r, http.StatusOK, string(body), header), nil
	}
}

func TestALostUploadIsFoundOrUnknown(t *testing.T) {
	t.Parallel()
	data := []byte("hello, hello")
	other := []byte("HELLO, HELLO")
	untimed := func(f *shelved) { f.UploadedAt = "" }
	tests := map[string]struct {
		prepare func(*shelf)
		found   string
		reads   int
	}{
		"it is there":                     {func(*shelf) {}, "file1", 1},
		"it is not":                       {func(s *shelf) { s.forgets = true }, "", 0},
		"an older one is there, too":      {func(s *shelf) { s.put(data, time.Minute) }, "file2", 1},
		"only an older one is there":      {func(s *shelf) { s.put(data, time.Minute); s.forgets = true }, "", 0},
		"one of just before is there":     {func(s *shelf) { s.put(data, 5*time.Millisecond); s.forgets = true }, "", 0},
		"one of other bytes came instead": {func(s *shelf) { s.bytes = other }, "", 1},
		"one of another size came":        {func(s *shelf) { s.bytes = data[1:] }, "", 0},
		"one for everybody came": {func(s *shelf) {
			s.put(data, -time.Millisecond, func(f *shelved) { f.Visibility = "public" })
			s.forgets = true
		}, "", 0},
		"its tags and description are told": {func(s *shelf) {
			s.forgets = true
			s.put(data, -time.Millisecond, labeled("d", "b", "a"))
		}, "file1", 1},
		"one of other tags came":         {func(s *shelf) { s.forgets = true; s.put(data, -time.Millisecond, labeled("d", "a")) }, "", 0},
		"one without tags came":          {func(s *shelf) { s.forgets = true; s.put(data, -time.Millisecond, labeled("d")) }, "", 0},
		"one of another purpose came":    {func(s *shelf) { s.forgets = true; s.put(data, -time.Millisecond, labeled("e", "a", "b")) }, "", 0},
		"one without a description came": {func(s *shelf) { s.forgets = true; s.put(data, -time.Millisecond, labeled("", "a", "b")) }, "", 0},
		"two came":                       {func(s *shelf) { s.put(data, -time.Millisecond) }, "", 0},
		"one has no time":                {func(s *shelf) { s.put(data, time.Hour, untimed) }, "", 0},
		"its time is to come":            {func(s *shelf) { s.put(data, -time.Hour); s.forgets = true }, "", 0},
		"its time is rounded up": {func(s *shelf) {
			s.put(data, 0, func(f *shelved) { f.UploadedAt = s.now().Add(time.Second).Truncate(time.Second).Format(time.RFC3339) })
			s.forgets = true
		}, "", 0},
		"the clock is fast, it took a moment": {func(s *shelf) { s.ahead = time.Hour }, "", 0},
		"the clock is fast, it took long":     {func(s *shelf) { s.ahead, s.takes = time.Hour, 3*time.Second }, "file1", 1},
		"the clock is slow, it took long":     {func(s *shelf) { s.ahead, s.takes = -time.Hour, 3*time.Second }, "file1", 1},
		"the clock is slow, an older one is there": {func(s *shelf) {
			s.ahead = -time.Hour
			s.put(data, 3*time.Second)
			s.forgets = true
		}, "", 0},
		"there are many older ones": {func(s *shelf) {
			for range 2 * readBackRows {
				s.put(data, time.Minute)
			}
		}, "file201", 1},
		"many came": {func(s *shelf) {
			for range 2 * readBackRows {
				s.put(other, -time.Millisecond, func(f *shelved) { f.FileName = "other" })
			}
		}, "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(1234567891 * time.Nanosecond) // away from a whole second
				s := &shelf{name: "a.txt", bytes: data, takes: 20 * time.Millisecond}
				test.prepare(s)
				file, err := s.upload(t, data)
				if test.found == "" && !errors.Is(err, ErrOutcomeUnknown) {
					t.Errorf("%+v, %v, want an unknown outcome", file, err)
				}
				if test.found != "" && (err != nil || file.ID != test.found || !file.Reconciled) {
					t.Errorf("%+v, %v, want %s", file, err, test.found)
				}
				if err == nil && !s.lists(&file.ContentFile) {
					t.Errorf("%+v tells more than the list does", file)
				}
				want := append([]string{"POST /api/content/upload", "GET /api/content"}, make([]string, test.reads)...)
				if len(s.asked) != len(want) || s.asked[0] != want[0] || s.asked[1] != want[1] {
					t.Errorf("asked %q, want %d reads", s.asked, test.reads)
				}
			})
		})
	}
}

// labeled gives a listed file a description and tags.
func labeled(description string, tags ...string) func(*shelved) {
	return func(f *shelved) { f.Description, f.Tags = &description, &tags }
}

// lists reports whether a file tells no more than the list does.
func (s *shelf) lists(file *ContentFile) bool {
	i := slices.IndexFunc(s.files, func(f shelved) bool { return f.ID == file.ID })
	description, tags := s.files[i].Description, s.files[i].Tags
	return file.ContentType == "" && (description != nil || file.Description == "") && (tags != nil || len(file.Tags) == 0)
}

func (s *shelf) upload(t *testing.T, data []byte) (*UploadedFile, error) {
	t.Helper()
	c, err := New(WithAPIKey("k"), WithBaseURL("https://robutler.test"), WithTransport(s), WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	params := BytesUpload(s.name, data)
	params.ContentType, params.Description, params.Tags = "text/plain", "d", []string{"a", "b"}
	return c.Content.Upload(t.Context(), params)
}

// TestWhatCannotHaveArrivedIsNotLookedFor spares the platform questions whose answers would prove nothing.
func TestWhatCannotHaveArrivedIsNotLookedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			shelf shelf
			size  int
		}{
			"half sent":                  {shelf{name: "a", hangsUp: true}, 5},
			"too large to be read again": {shelf{name: "a"}, maxResponseBytes + 1},
		} {
			test.shelf.bytes = bytes.Repeat([]byte("x"), test.size)
			file, err := test.shelf.upload(t, test.shelf.bytes)
			if !errors.Is(err, ErrOutcomeUnknown) || len(test.shelf.asked) != 1 {
				t.Errorf("%s: %+v, %v after %q", name, file, err, test.shelf.asked)
			}
		}
	})
}
