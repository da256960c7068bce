package bundles

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

func TestRelease(t *testing.T) {
	t.Parallel()
	for described, want := range map[string]string{
		"v1.2.3": "1.2.3", "1.2.3": "1.2.3", "v1.2.3-4-gabc1234-dirty": "1.2.3-4-gabc1234-dirty", "v2.0.0-rc.1": "2.0.0-rc.1",
		"9fe2b6c": "0.0.0-dev-9fe2b6c", "0123456-dirty": "0.0.0-dev-0123456-dirty", "dev": "0.0.0-dev-dev", "v1.2": "0.0.0-dev-1-2", "v01.2.3": "0.0.0-dev-01-2-3",
	} {
		if got := Release(described); got != want || !semantic.MatchString(got) {
			t.Errorf("%s: %s", described, got)
		}
	}
	if Release(Version) != Version {
		t.Errorf("%s is no version", Version)
	}
}

// TestSettings holds the table to the flags: the names exist, and what is shown as the default is the default.
func TestSettings(t *testing.T) {
	t.Parallel()
	var settings config.Config
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	settings.AddShared(flags)
	seen := map[string]bool{}
	for _, setting := range Settings() {
		if !regexp.MustCompile(`^[a-z][a-z_]*$`).MatchString(setting.Key) || seen[setting.Key] || setting.Title == "" || setting.Description == "" {
			t.Errorf("%+v", setting)
		}
		seen[setting.Key] = true
		if !slices.Contains(config.AllVariables(), setting.Variable()) {
			t.Errorf("nothing reads %s", setting.Variable())
		}
		if setting.Secret != (setting.Variable() == client.KeyVariable) || (setting.Secret && setting.Default != "") {
			t.Errorf("%s: secret is %v, by default %q", setting.Key, setting.Secret, setting.Default)
		}
		if setting.Flag == "" {
			continue
		}
		flag := flags.Lookup(setting.Flag)
		if flag == nil {
			t.Fatalf("there is no flag %s", setting.Flag)
		}
		if setting.Default != "" && setting.Default != flag.DefValue && setting.Flag != "toolsets" { // none are the default ones
			t.Errorf("%s: %q is shown, %q is so", setting.Key, setting.Default, flag.DefValue)
		}
		if (flag.Value.Type() == "bool") != (setting.kind == truth) {
			t.Errorf("%s is a %s", setting.Key, flag.Value.Type())
		}
	}
}

func TestDescription(t *testing.T) {
	t.Parallel()
	if len(Description) > 100 {
		t.Errorf("%d characters", len(Description))
	}
	text, err := os.ReadFile("../../deploy/Containerfile")
	if err != nil || !strings.Contains(string(text), `io.modelcontextprotocol.server.name="`+RegistryName+`"`) {
		t.Errorf("the image does not say that it is %s: %v", RegistryName, err)
	}
	drawn, err := png.DecodeConfig(bytes.NewReader(Icon()))
	if err != nil || drawn.Width != 512 || drawn.Height != 512 {
		t.Errorf("%+v, %v", drawn, err)
	}
}

// TestGuideNamesTools: every tool that the guide names is there by default, and every other word in its notation is known.
func TestGuideNamesTools(t *testing.T) {
	t.Parallel()
	product, err := Ask()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, tool := range product.Tools {
		listed[tool.Name] = true
	}
	others := []string{
		"complete", "confirmation", "cursor", "next_cursor", "next_step", "ocr", "read_only", string(tools.CodeOutcomeUnknown),
		"status: confirmation_required",
	}
	named := 0
	for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(guide, -1) {
		if listed[found[1]] {
			named++
		} else if !slices.Contains(others, found[1]) {
			t.Errorf("%s is no tool", found[1])
		}
	}
	if named < 15 {
		t.Errorf("%d tools are named", named)
	}
}

// TestNoFileHoldsAKey looks for what could be one in all that is handed out.
func TestNoFileHoldsAKey(t *testing.T) {
	t.Parallel()
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 8 {
		t.Errorf("%d files", len(files))
	}
	for name, text := range files {
		if found := regexp.MustCompile(`\b(rok|rbt|sk)_[A-Za-z0-9]{8,}`).Find(text); found != nil {
			t.Errorf("%s holds %s", name, found)
		}
		if strings.HasSuffix(name, ".json") && !json.Valid(text) {
			t.Errorf("%s is no JSON", name)
		}
	}
	product, err := Ask()
	if err != nil {
		t.Fatal(err)
	}
	for _, prompt := range product.Prompts {
		for _, argument := range prompt.Arguments {
			if !strings.Contains(prompt.Text, `"${arguments.`+argument+`}"`) {
				t.Errorf("%s has no place for %s", prompt.Name, argument)
			}
		}
	}
}
