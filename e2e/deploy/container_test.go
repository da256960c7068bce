package deploy

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// instruction is a line of the Containerfile, with what it continues on.
type instruction struct{ name, rest string }

// stage is a part of it that begins with FROM.
type stage struct {
	name, image  string
	instructions []instruction
}

func (s *stage) find(name string) []string {
	var found []string
	for _, i := range s.instructions {
		if i.name == name {
			found = append(found, i.rest)
		}
	}
	return found
}

func readContainerfile(t *testing.T) []*stage {
	t.Helper()
	text, err := os.ReadFile("../../deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	var stages []*stage
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "FROM" {
			words := slices.DeleteFunc(strings.Fields(rest), func(word string) bool { return strings.HasPrefix(word, "--") })
			made := &stage{image: words[0]}
			if len(words) == 3 {
				made.name = words[2]
			}
			stages = append(stages, made)
			continue
		}
		if len(stages) == 0 {
			t.Fatalf("%s comes before FROM", name)
		}
		last := stages[len(stages)-1]
		last.instructions = append(last.instructions, instruction{name, strings.Join(strings.Fields(rest), " ")})
	}
	return stages
}

// TestContainerfile checks that a static program comes alone into an image without a shell, and runs there without rights.
func TestContainerfile(t *testing.T) {
	stages := readContainerfile(t)
	if len(stages) != 2 || stages[0].name != "build" {
		t.Fatalf("%d stages", len(stages))
	}
	build, final := stages[0], stages[1]
	if !strings.HasPrefix(final.image, "gcr.io/distroless/static-") || !strings.HasSuffix(final.image, ":nonroot") {
		t.Errorf("the image is made from %s", final.image)
	}
	compile := build.find("RUN")[1]
	_, output, _ := strings.Cut(compile, " -o ")
	output, _, _ = strings.Cut(output, " ")
	for _, part := range []string{"CGO_ENABLED=0", "-trimpath", "-X github.com/robutlerai/robutler-mcp/internal/cli.release="} {
		if !strings.Contains(compile, part) {
			t.Errorf("%q is missing in %s", part, compile)
		}
	}
	copied := strings.Fields(final.find("COPY")[0])
	if len(copied) != 3 || copied[0] != "--from=build" || copied[1] != output {
		t.Errorf("%v is copied, %s is built", copied, output)
	}
	if entry := final.find("ENTRYPOINT"); len(entry) != 1 || entry[0] != `["`+copied[2]+`"]` {
		t.Errorf("%v is started, %s is there", entry, copied[2])
	}
	if user := final.find("USER"); len(user) != 1 || user[0] != "65532:65532" { // a number: Kubernetes cannot tell who a name is
		t.Errorf("it runs as %v", user)
	}
	if len(final.find("RUN")) > 0 || len(final.find("HEALTHCHECK")) > 0 || len(final.find("ADD"))+len(build.find("ADD")) > 0 {
		t.Error("there is no shell for RUN, nothing for HEALTHCHECK to run, and nothing that ADD fetches is checked")
	}
	version, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, language, _ := strings.Cut(string(version), "\ngo ")
	if !strings.Contains(build.image, "/golang:"+strings.Join(strings.Split(language, ".")[:2], ".")+"-") {
		t.Errorf("%s compiles a module of Go %.4s", build.image, language)
	}
}

// TestContainerfileCopiesWhatIsCompiled asks Go which folders the program is made of.
func TestContainerfileCopiesWhatIsCompiled(t *testing.T) {
	build := readContainerfile(t)[0]
	var copied []string
	for _, rest := range build.find("COPY") {
		copied = append(copied, strings.Fields(rest)[0])
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", ".")
	list.Dir = "../.."
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/robutlerai/robutler-mcp"
	for name := range strings.FieldsSeq(string(output)) {
		folder, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(name, module), "/"), "/")
		if folder == "" {
			folder = "main.go"
		}
		if !slices.Contains(copied, folder) {
			t.Errorf("%s is compiled and not copied", folder)
		}
	}
}

// TestThePlatformIsTheBuilders finds a default of an argument that the builder fills in for each platform: it would win, and
// an image for one processor would hold a program for another.
func TestThePlatformIsTheBuilders(t *testing.T) {
	declared := 0
	for _, s := range readContainerfile(t) {
		for _, arguments := range s.find("ARG") {
			for argument := range strings.FieldsSeq(arguments) {
				if !strings.HasPrefix(argument, "TARGET") {
					continue
				}
				declared++
				if strings.Contains(argument, "=") {
					t.Errorf("%s has a default", argument)
				}
			}
		}
	}
	if declared < 2 {
		t.Errorf("%d arguments tell the platform", declared)
	}
}
