package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/robutlerai/robutler-mcp/internal/bundles"
)

// vendored compiles the schema of the registry, formats included.
func vendored(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("server.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource(bundles.RegistrySchema, parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(bundles.RegistrySchema)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestTheStoredOneIsValid(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("server.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := vendored(t).Validate(decode(t, text)); err != nil {
		t.Error(err)
	}
}

// TestTheSchemaRefuses makes sure that the check can fail: each change of a good server.json is refused.
func TestTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	good, err := bundles.Server("1.2.3", nil)
	if err != nil {
		t.Fatal(err)
	}
	schema := vendored(t)
	for what, change := range map[string]func(server, bundle map[string]any){
		"a name without a namespace": func(server, _ map[string]any) { server["name"] = "robutler" },
		"a long description":         func(server, _ map[string]any) { server["description"] = strings.Repeat("x", 101) },
		"no version":                 func(server, _ map[string]any) { delete(server, "version") },
		"a repository without a URL": func(server, _ map[string]any) { server["repository"] = map[string]any{"source": "github"} },
		"a bad hash":                 func(_, bundle map[string]any) { bundle["fileSha256"] = "placeholder" },
		"the latest version":         func(_, bundle map[string]any) { bundle["version"] = "latest" },
		"no transport":               func(_, bundle map[string]any) { delete(bundle, "transport") },
		"an unknown transport":       func(_, bundle map[string]any) { bundle["transport"] = map[string]any{"type": "pigeon"} },
		"HTTP without a URL":         func(_, bundle map[string]any) { bundle["transport"] = map[string]any{"type": "streamable-http"} },
		"an argument without a type": func(_, bundle map[string]any) { bundle["packageArguments"] = []any{map[string]any{"value": "x"}} },
		"a variable without a name": func(_, bundle map[string]any) {
			bundle["environmentVariables"] = []any{map[string]any{"isSecret": true}}
		},
	} {
		server := decode(t, good).(map[string]any)
		if err := schema.Validate(server); err != nil {
			t.Fatal(err)
		}
		change(server, server["packages"].([]any)[0].(map[string]any))
		if schema.Validate(server) == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}

// TestRelease writes the server.json of a release whose bundles are there, and refuses one that lacks any.
func TestRelease(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	out := filepath.Join(folder, "server.json")
	arguments := []string{"-version", "v1.2.3", "-bundles", folder, "-out", out}
	for i, platform := range bundles.Platforms() {
		if err := run(arguments, "1.2.3"); err == nil {
			t.Errorf("with %d bundles of %d it is written", i, len(bundles.Platforms()))
		}
		if err := os.WriteFile(filepath.Join(folder, bundles.BundleFile("1.2.3", platform)), []byte(platform.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(arguments, "1.2.2"); err == nil || !strings.Contains(err.Error(), "make docs") {
		t.Errorf("a release that the repository does not name: %v", err)
	}
	if err := run(arguments, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := vendored(t).Validate(decode(t, text)); err != nil {
		t.Error(err)
	}
	var written struct {
		Version  string
		Packages []struct{ RegistryType, Identifier, FileSHA256, Version string }
	}
	if err := json.Unmarshal(text, &written); err != nil || written.Version != "1.2.3" {
		t.Fatalf("%v: %s", err, text)
	}
	for i, platform := range bundles.Platforms() {
		sum := sha256.Sum256([]byte(platform.String()))
		if got := written.Packages[i]; got.FileSHA256 != hex.EncodeToString(sum[:]) || !strings.HasSuffix(got.Identifier, "/v1.2.3/"+bundles.BundleFile("1.2.3", platform)) {
			t.Errorf("%s: %+v", platform, got)
		}
	}
	for _, image := range written.Packages[len(bundles.Platforms()):] { // the registry refuses these beside an image
		if image.RegistryType != "oci" || image.Version != "" || image.FileSHA256 != "" || !strings.HasSuffix(image.Identifier, ":1.2.3") {
			t.Errorf("%+v", image)
		}
	}
}
