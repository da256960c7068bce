package tools_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/tools"
)

func TestTextIsReadInParts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	text := strings.Repeat("äöü ", 100)
	file := mustCall(t, s, "upload_content", encode(t, map[string]any{"filename": "umlauts.txt", "text": text}))["file"].(map[string]any)
	var read strings.Builder
	for offset := any(0); offset != nil; {
		part := mustCall(t, s, "read_content", encode(t, map[string]any{"content": file["id"], "offset": offset, "limit": 70}))
		read.WriteString(part["text"].(string))
		next, more := part["next_offset"]
		if offset = next; more == part["complete"].(bool) {
			t.Fatalf("next_offset %v and complete %v", next, part["complete"])
		}
	}
	if read.String() != text {
		t.Errorf("read %d bytes, not the %d of the file", read.Len(), len(text))
	}
	beyond := mustCall(t, s, "read_content", encode(t, map[string]any{"content": file["id"], "offset": 100_000}))
	if beyond["text"] != "" || beyond["complete"] != true {
		t.Errorf("beyond the end: %v", beyond)
	}
}

// TestAMissingFileOrItsAgentIsFound: which of the two is not there only the platform's words tell.
func TestAMissingFileOrItsAgentIsFound(t *testing.T) {
	t.Parallel()
	whole := newStage(t).catalog
	content, err := whole.Select(tools.Filter{Toolsets: []string{tools.ToolsetContent}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		catalog         *tools.Catalog
		arguments, want string
	}{
		{whole, `{"content":"nothing"}`, "Find it with list_content, then call again with its id or name."},
		{whole, `{"content":"nothing","agent":"nobody"}`, "Find the agent with list_agents or search_agents and what it has with list_content, then call again with their ids."},
		{content, `{"content":"nothing","agent":"nobody"}`, "Find it with list_content, then call again with its id or name."},
	} {
		tool, err := test.catalog.Find("read_content")
		if err != nil {
			t.Fatal(err)
		}
		_, err = tool.Call(t.Context(), json.RawMessage(test.arguments))
		if told := tools.Explain(err); err == nil || told.Code != tools.CodeNotFound || told.NextStep != test.want {
			t.Errorf("%s: %+v", test.arguments, told)
		}
	}
}

// TestFilesAreShownAsWhatTheyAre reads files of several types as an agent's.
func TestFilesAreShownAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	binary := []byte{0x89, 'P', 'N', 'G', 0, 0xff}
	for contentType, want := range map[string]tools.AttachmentKind{
		"image/png": tools.AttachedImage, "audio/mpeg": tools.AttachedAudio, "application/pdf": tools.AttachedFile,
		"image/svg+xml": 0, "application/json": 0, "text/plain; charset=utf-8": 0, "application/octet-stream": tools.AttachedFile, "nonsense;;": tools.AttachedFile,
	} {
		body := binary
		if want == 0 {
			body = []byte("plain words")
		}
		server := serveFile(contentType, body)
		result, err := newCatalogTool(t, server.URL, "read_content").Call(t.Context(), json.RawMessage(`{"content":"c1"}`))
		server.Close()
		if err != nil {
			t.Errorf("%s: %v", contentType, err)
			continue
		}
		isText := strings.Contains(string(result.Structured), `"text":"plain words"`)
		switch {
		case want == 0 && (!isText || len(result.Attachments) > 0):
			t.Errorf("%s: %s", contentType, result.Structured)
		case want != 0 && (isText || len(result.Attachments) != 1 || result.Attachments[0].Kind != want ||
			!bytes.Equal(result.Attachments[0].Data, body) || result.Attachments[0].URI != "robutler://content/c1"):
			t.Errorf("%s: %s, %+v", contentType, result.Structured, result.Attachments)
		}
	}
}

func TestLargeBinaryIsNotShown(t *testing.T) {
	t.Parallel()
	server := serveFile("image/png", bytes.Repeat([]byte{0xff}, 4<<20))
	defer server.Close()
	result, err := newCatalogTool(t, server.URL, "read_content").Call(t.Context(), json.RawMessage(`{"content":"c1"}`))
	if err != nil || len(result.Attachments) > 0 || !strings.Contains(string(result.Structured), "too large to show") {
		t.Errorf("%s, %v", result.Structured, err)
	}
}

func serveFile(contentType string, body []byte) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", `attachment; filename="x.bin"`)
		_, _ = w.Write(body)
	}))
}

func newCatalogTool(t *testing.T, base, name string) tools.Tool {
	t.Helper()
	tool, err := newCatalog(t, base, "rok_x").Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

func TestLinksLeadToResources(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, arguments := range map[string]string{
		"get_agent": `{"agent":"recipe-muse"}`, "create_agent": `{"name":"linked","instructions":"x"}`,
		"update_agent": `{"agent":"recipe-muse","model":"gpt-4o"}`, "upload_content": `{"filename":"a b.txt","text":"x"}`,
	} {
		result, err := s.find(t, name).Call(t.Context(), json.RawMessage(arguments))
		if err != nil || len(result.Attachments) != 1 {
			t.Fatalf("%s: %v, %v", name, result.Attachments, err)
		}
		link := result.Attachments[0]
		if link.Kind != tools.AttachedLink || link.Name == "" || !strings.HasPrefix(link.URI, "robutler://") {
			t.Errorf("%s: %+v", name, link)
		}
	}
}

func TestFilesOfAnAgent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	listed := mustCall(t, s, "list_content", `{"agent":"recipe-muse"}`)["files"].([]any)
	if len(listed) == 0 {
		t.Fatal("the agent has no files")
	}
	first := listed[0].(map[string]any)
	read := mustCall(t, s, "read_content", encode(t, map[string]any{"agent": "recipe-muse", "content": first["id"]}))
	if read["file"].(map[string]any)["name"] != first["name"] || read["text"] == "" {
		t.Errorf("read %v", read)
	}
	_, err := s.call(t, "list_content", `{"agent":"recipe-muse","visibility":"public"}`)
	if told := tools.Explain(err); told.Code != tools.CodeInvalidArgument || !strings.Contains(told.Message, "visibility") {
		t.Errorf("agent with visibility: %+v", told)
	}
	gone := mustCall(t, s, "delete_content", fmt.Sprintf(`{"content":%q}`, mustCall(t, s, "list_content", `{"limit":1}`)["files"].([]any)[0].(map[string]any)["id"]))
	if _, err := s.call(t, "read_content", encode(t, map[string]any{"content": gone["id"]})); tools.Explain(err).Code != tools.CodeNotFound {
		t.Errorf("a deleted file is read: %v", err)
	}
}
