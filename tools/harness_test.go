package tools_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/sandbox"
	"github.com/robutlerai/robutler-mcp/tools"
)

// stage is a catalog in front of an embedded platform whose requests are recorded.
type stage struct {
	catalog *tools.Catalog
	mu      sync.Mutex
	asked   []string
	// base and key are the platform's.
	base, key string
}

func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

func newStage(t testing.TB, roots ...string) *stage {
	t.Helper()
	return newStageOn(t, sandbox.MemoryDatabase, roots...)
}

func newStageOn(t testing.TB, database string, roots ...string) *stage {
	t.Helper()
	platform, err := sandbox.Open(t.Context(), sandbox.Options{
		Database: database, Now: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		platform.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		if err := platform.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	s.base, s.key = server.URL, platform.UserKey()
	s.catalog = newCatalog(t, s.base, s.key, roots...)
	return s
}

func newCatalog(t testing.TB, base, key string, roots ...string) *tools.Catalog {
	t.Helper()
	c, err := client.New(client.WithAPIKey(key), client.WithBaseURL(base), client.WithMaxRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	uploadRoots, err := tools.OpenUploadRoots(roots)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := uploadRoots.Close(); err != nil {
			t.Errorf("close upload roots: %v", err)
		}
	})
	catalog, err := tools.NewCatalog(tools.Platform{Client: c, UploadRoots: uploadRoots, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func (s *stage) find(t testing.TB, name string) tools.Tool {
	t.Helper()
	tool, err := s.catalog.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

func (s *stage) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// call calls a tool and holds its result to its output schema.
func (s *stage) call(t testing.TB, name, arguments string) (map[string]any, error) {
	t.Helper()
	return call(t, s.catalog, name, arguments)
}

func call(t testing.TB, catalog *tools.Catalog, name, arguments string) (map[string]any, error) {
	t.Helper()
	tool, err := catalog.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	result, err := tool.Call(t.Context(), json.RawMessage(arguments))
	if err != nil {
		return nil, err
	}
	checkSchema(t, tool, result.Structured)
	var object map[string]any
	if err := json.Unmarshal(result.Structured, &object); err != nil {
		t.Fatal(err)
	}
	return object, nil
}

func mustCall(t testing.TB, s *stage, name, arguments string) map[string]any {
	t.Helper()
	result, err := s.call(t, name, arguments)
	if err != nil {
		t.Fatalf("%s %s: %v", name, arguments, err)
	}
	return result
}

func checkSchema(t testing.TB, tool tools.Tool, result json.RawMessage) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(tool.Output.JSON()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("output.json", document); err != nil {
		t.Fatal(err)
	}
	validator, err := compiler.Compile("output.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(result))
	if err != nil {
		t.Fatal(err)
	}
	if err := validator.Validate(value); err != nil {
		t.Errorf("%s: the result does not fit its schema: %v\n%s", tool.Name, err, result)
	}
}

func encode(t testing.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
