package server

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/tools"
)

// shelf is a read_content of files, by id.
func shelf(files map[string]string, told int64) tools.Tool {
	return tools.Define(readSpec("read_content", tools.ToolsetContent), func(_ context.Context, in contentInput) (contentOutput, error) {
		text, ok := files[in.Content]
		if !ok {
			return contentOutput{}, client.ErrNotFound
		}
		characters := []rune(text)
		end := min(in.Offset+in.Limit, len(characters))
		cut := string(characters[in.Offset:end])
		out := contentOutput{File: contentFile{ID: in.Content, SizeBytes: told}, Text: &cut, Complete: end == len(characters)}
		if !out.Complete {
			out.NextOffset = end
		}
		return out, nil
	})
}

func TestFilesAreReadToTheirEnd(t *testing.T) {
	files := map[string]string{
		"empty": "", "short": "a", "exact": strings.Repeat("b", partLimit), "long": strings.Repeat("c\n", 60_000),
		"wide": strings.Repeat("\U0001F600", partLimit+1), "most": strings.Repeat("d", maxText),
	}
	s, _ := serve(t, shelf(files, 0))
	c := dial(t, overStdio, s, "2025-11-25")
	for id, want := range files {
		read, err := c.ReadResource(t.Context(), readRequest("robutler://content/"+id))
		if err != nil || len(read.Contents) != 1 {
			t.Errorf("%s: %v", id, err)
			continue
		}
		got, ok := read.Contents[0].(mcp.TextResourceContents)
		if !ok || got.Text != want || got.MIMEType != "text/plain" || got.Meta["robutler/untrusted"] != true {
			t.Errorf("%s: %d bytes of %d, %s, %v", id, len(got.Text), len(want), got.MIMEType, got.Meta)
		}
	}
}

func TestFilesThatAreTooLongAreRefused(t *testing.T) {
	long := map[string]string{"long": strings.Repeat("a", maxText+1), "short": "a"}
	for name, told := range map[string]int64{"its text tells": 0, "its size tells": maxText + 1} {
		s, log := serve(t, shelf(long, told))
		run := startStdio(t, s)
		code, message, data := failedRead(t, run, 1, "robutler://content/long", "")
		if code != codeInternalError || data.Code != tools.CodeResultTooLarge || !strings.Contains(message, "read_content with offset") {
			t.Errorf("%s: %d %s, %+v", name, code, message, data)
		}
		calls := strings.Count(log.String(), "tool=read_content")
		if want := map[int64]int{0: maxText/partLimit + 1, maxText + 1: 1}[told]; calls != want {
			t.Errorf("%s: %d calls, want %d", name, calls, want)
		}
		_ = run.in.Close()
		run.end()
	}
}

// A text that claims to go on and does not must not pass for whole.
func TestAFileThatDoesNotGoOnIsNotWhole(t *testing.T) {
	stuck := tools.Define(readSpec("read_content", tools.ToolsetContent), func(_ context.Context, in contentInput) (contentOutput, error) {
		text := "a"
		return contentOutput{Text: &text, NextOffset: min(in.Offset+1, 3)}, nil
	})
	s, _ := serve(t, stuck)
	run := startStdio(t, s)
	if code, message, data := failedRead(t, run, 1, "robutler://content/a", ""); code != codeInternalError || data.Code != tools.CodeInternal {
		t.Errorf("%d %s", code, message)
	}
	_ = run.in.Close()
	run.end()
}

func TestBytesAreReadAsBytes(t *testing.T) {
	facts := json.RawMessage(`{"file":{"content_type":"image/png"}}`)
	link := tools.Attachment{Kind: tools.AttachedLink, URI: "robutler://agents/a"}
	image := tools.Attachment{Kind: tools.AttachedImage, MIMEType: "image/png", Data: []byte{1, 2, 3}}
	from := source{untrusted: true}
	got, ok := from.bytes("u", tools.Result{Structured: facts, Attachments: []tools.Attachment{link, image}}).(mcp.BlobResourceContents)
	if !ok || got.URI != "u" || got.MIMEType != "image/png" || got.Blob != "AQID" || got.Meta["robutler/untrusted"] != true {
		t.Errorf("got %+v", got)
	}
}

// embedded gives the whole catalog in front of an embedded platform.
func embedded(t *testing.T) *tools.Catalog {
	t.Helper()
	platform, err := sandbox.Open(t.Context(), sandbox.Options{Database: sandbox.MemoryDatabase})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(platform.Handler())
	t.Cleanup(func() {
		web.Close()
		if err := platform.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := client.New(client.WithAPIKey(platform.UserKey()), client.WithBaseURL(web.URL))
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := tools.NewCatalog(tools.Platform{Client: c})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func TestALongFileOfThePlatformIsReadWhole(t *testing.T) {
	s, err := New(Options{Catalog: embedded(t), Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("All of it. ", 6_000)[:60_000]
	arguments, _ := json.Marshal(map[string]string{"filename": "long.txt", "text": want})
	stored, failure := s.Call(t.Context(), "upload_content", arguments)
	if failure != nil {
		t.Fatal(failure)
	}
	var answer struct {
		File struct {
			ID string `json:"id"`
		} `json:"file"`
	}
	if err := json.Unmarshal(stored.Structured, &answer); err != nil || answer.File.ID == "" {
		t.Fatalf("%v: %s", err, stored.Structured)
	}
	c := dial(t, overHTTP, s, "2025-11-25")
	read, err := c.ReadResource(t.Context(), readRequest("robutler://content/"+answer.File.ID))
	if err != nil || len(read.Contents) != 1 {
		t.Fatalf("%v, %+v", err, read)
	}
	got, ok := read.Contents[0].(mcp.TextResourceContents)
	if !ok || got.Text != want || !strings.HasPrefix(got.MIMEType, "text/plain") || got.Meta["robutler/untrusted"] != true {
		t.Errorf("%d characters, %s, %v", len(got.Text), got.MIMEType, got.Meta)
	}
}
