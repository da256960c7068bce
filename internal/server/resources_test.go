package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	mcpclient "github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"github.com/robutlerai/robutler-mcp/tools"
)

// dial connects a client that speaks a version.
func dial(t *testing.T, open connect, s *Server, version string) *mcpclient.Client {
	t.Helper()
	c := mcpclient.NewClient(open(t, s), mcpclient.WithProtocolVersion(version))
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ClientInfo: mcp.Implementation{Name: "test", Version: "1"}, ProtocolVersion: version,
	}}); err != nil {
		t.Fatalf("initialize: %v", err)
	}
	return c
}

// everywhere runs a test over every transport, in both eras.
func everywhere(t *testing.T, test func(t *testing.T, open connect, version string)) {
	t.Helper()
	for name, open := range map[string]connect{"stdio": overStdio, "sse": overSSE, "http": overHTTP} {
		for _, version := range []string{"2025-06-18", mcp.ProtocolVersion20260728} {
			t.Run(name+"/"+version, func(t *testing.T) { test(t, open, version) })
		}
	}
}

func readRequest(uri string) mcp.ReadResourceRequest {
	return mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: uri}}
}

func TestResourcesAreListedAndRead(t *testing.T) {
	everywhere(t, func(t *testing.T, open connect, version string) {
		s, log := serve(t, platformTools()...)
		c := dial(t, open, s, version)
		listed, err := c.ListResources(t.Context(), mcp.ListResourcesRequest{})
		if err != nil || len(listed.Resources) != 1 || listed.Resources[0].URI != "robutler://account" {
			t.Fatalf("list: %v, %+v", err, listed)
		}
		templates, err := c.ListResourceTemplates(t.Context(), mcp.ListResourceTemplatesRequest{})
		if err != nil || len(templates.ResourceTemplates) != 2 ||
			templates.ResourceTemplates[0].URITemplate.Raw() != "robutler://agents/{name}" ||
			templates.ResourceTemplates[1].URITemplate.Raw() != "robutler://content/{id}" {
			t.Fatalf("templates: %v, %+v", err, templates)
		}
		foreign := map[string]any{"robutler/untrusted": true}
		for uri, want := range map[string]mcp.TextResourceContents{
			"robutler://account":              {MIMEType: "application/json", Text: `{"text":"the account"}`},
			"robutler://agents/translator":    {MIMEType: "application/json", Text: `{"agent":"translator"}`, Meta: foreign},
			"robutler://agents/a%20b%2Fc,d@e": {MIMEType: "application/json", Text: `{"agent":"a b/c,d@e"}`, Meta: foreign},
			"robutler://content/plain":        {MIMEType: "text/markdown", Text: "# Hello", Meta: foreign},
			"robutler://content/other": {MIMEType: "application/json", Meta: foreign,
				Text: `{"file":{"id":"other","content_type":"application/zip"},"complete":true}`},
		} {
			read, err := c.ReadResource(t.Context(), readRequest(uri))
			if err != nil || len(read.Contents) != 1 {
				t.Errorf("%s: %v, %+v", uri, err, read)
				continue
			}
			want.URI = uri
			if got, ok := read.Contents[0].(mcp.TextResourceContents); !ok || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %+v", uri, read.Contents[0])
			}
		}
		if logged := log.String(); !strings.Contains(logged, "tool=get_agent") {
			t.Error("reads go past the pipeline")
		}
	})
}

// refusal is the data of an error.
type refusal struct {
	URI string `json:"uri"`
	tools.Error
}

// failedRead reads a resource in the raw and gives the error.
func failedRead(t *testing.T, run *stdioRun, id int, uri, meta string) (code int, message string, data refusal) {
	t.Helper()
	encoded, _ := json.Marshal(uri)
	run.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"resources/read","params":{"uri":%s%s}}`, id, encoded, meta))
	answer, ok := run.next()
	if !ok || answer.Error == nil {
		t.Fatalf("%s: %+v", uri, answer)
	}
	_ = json.Unmarshal(answer.Error.Data, &data) // what is missing in it, the caller finds
	return answer.Error.Code, answer.Error.Message, data
}

func TestResourcesFailInWords(t *testing.T) {
	s, _ := serve(t, platformTools()...)
	run := startStdio(t, s)
	tests := []struct {
		name, uri     string
		legacy, later int
		says          string
	}{
		{"not found", "robutler://agents/nobody", mcp.RESOURCE_NOT_FOUND, codeInvalidParams, "then call again"},
		{"not found, escaped", "robutler://agents/nobody%40here", mcp.RESOURCE_NOT_FOUND, codeInvalidParams, "then call again"},
		{"no such kind", "robutler://nothing", mcp.RESOURCE_NOT_FOUND, codeInvalidParams, "no resource has this address"},
		{"no name", "robutler://agents/", mcp.RESOURCE_NOT_FOUND, codeInvalidParams, "no resource has this address"},
		{"bad escape", "robutler://agents/%zz", mcp.RESOURCE_NOT_FOUND, codeInvalidParams, "no resource has this address"},
		{"empty", "", codeInvalidParams, codeInvalidParams, "the address of the resource is missing"},
		{"bad argument", "robutler://agents/" + strings.Repeat("a", 31), mcp.RESOURCE_NOT_FOUND, codeInvalidParams, "agent"},
		{"fault", "robutler://agents/broken", codeInternalError, codeInternalError, "look for this reference"},
		{"panic", "robutler://agents/panic", codeInternalError, codeInternalError, "look for this reference"},
	}
	id := 0
	for _, test := range tests {
		for meta, want := range map[string]int{"": test.legacy, "," + modernMeta: test.later} {
			id++
			code, message, data := failedRead(t, run, id, test.uri, meta)
			if code != want || !strings.Contains(message, test.says) || strings.Contains(message, canary) {
				t.Errorf("%s: %d %s", test.name, code, message)
			}
			if data.URI != test.uri || data.Code == "" || data.NextStep == "" || data.Message == "" || strings.Contains(message, "handler") {
				t.Errorf("%s: %s, %+v", test.name, message, data)
			}
		}
	}
	_ = run.in.Close()
	run.end()
}

// A client must not be able to say what reading a resource gave.
func TestResourcesCannotBeForged(t *testing.T) {
	s, _ := serve(t, platformTools()...)
	run := startStdio(t, s)
	run.send(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"robutler://account",` +
		`"_meta":{"robutler/outcome":{"contents":"forged"}}}}`)
	if answer, _ := run.next(); !strings.Contains(string(answer.Result), "the account") {
		t.Errorf("got %+v", answer)
	}
	_ = run.in.Close()
	run.end()
}

func TestResourcesExistWithTheirTools(t *testing.T) {
	s, _ := serve(t, platformTools()[0])
	c := dial(t, overStdio, s, "2025-11-25")
	if listed, err := c.ListResources(t.Context(), mcp.ListResourcesRequest{}); err != nil || len(listed.Resources) != 0 {
		t.Errorf("list: %v, %+v", err, listed)
	}
	templates, err := c.ListResourceTemplates(t.Context(), mcp.ListResourceTemplatesRequest{})
	if err != nil || len(templates.ResourceTemplates) != 1 {
		t.Errorf("templates: %v, %+v", err, templates)
	}
	if _, err := c.ReadResource(t.Context(), readRequest("robutler://account")); err == nil {
		t.Error("a resource whose tool is not there is read")
	}
}

// Whatever the address, it is one value of one source or none.
func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{"", "robutler://agents/a", "robutler://content/%20", "robutler://agents/\n", "robutler://account"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		some := 0
		for _, source := range sources() {
			value, ok := source.value(uri)
			if ok {
				some++
			}
			if ok && source.variable != "" && value == "" {
				t.Errorf("%q gives no value", uri)
			}
		}
		if some > 1 {
			t.Errorf("%q is of %d sources", uri, some)
		}
	})
}
