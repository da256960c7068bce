package bundles

import "slices"

// Platform is what a bundle is for.
type Platform struct {
	// OS is as in runtime.GOOS.
	OS string
	// Arch is as in runtime.GOARCH, or [Universal].
	Arch string
}

// Universal is the architecture of a program for every Mac.
const Universal = "universal"

// Platforms gives those that bundles are made for. A bundle holds one program, since a manifest can tell systems apart but
// not processors; on macOS one program holds the code for both.
func Platforms() []Platform {
	return []Platform{{"darwin", Universal}, {"linux", "amd64"}, {"linux", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"}}
}

// String is the platform as people type it.
func (p Platform) String() string { return p.OS + "/" + p.Arch }

// name is the system as bundles call it, after Node.js.
func (p Platform) name() string {
	if p.OS == "windows" {
		return "win32"
	}
	return p.OS
}

// Program is where the program is within the bundle.
func (p Platform) Program() string {
	if p.OS == "windows" {
		return "server/" + Name + ".exe"
	}
	return "server/" + Name
}

// BundleFile is the name of the bundle of a release.
func BundleFile(version string, p Platform) string {
	return Name + "_" + version + "_" + p.OS + "_" + p.Arch + ".mcpb"
}

// manifest is version 0.3 of the manifest of MCP bundles.
type manifest struct {
	ManifestVersion  string         `json:"manifest_version"`
	Name             string         `json:"name"`
	DisplayName      string         `json:"display_name"`
	Version          string         `json:"version"`
	Description      string         `json:"description"`
	LongDescription  string         `json:"long_description"`
	Author           author         `json:"author"`
	Repository       repository     `json:"repository"`
	Homepage         string         `json:"homepage"`
	Documentation    string         `json:"documentation"`
	Support          string         `json:"support"`
	Icon             string         `json:"icon"`
	Server           manifestServer `json:"server"`
	Tools            []Tool         `json:"tools"`
	ToolsGenerated   bool           `json:"tools_generated"`
	Prompts          []Prompt       `json:"prompts"`
	PromptsGenerated bool           `json:"prompts_generated"`
	Keywords         []string       `json:"keywords"`
	License          string         `json:"license"`
	Compatibility    compatibility  `json:"compatibility"`
	UserConfig       object         `json:"user_config"`
}

type author struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type repository struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type manifestServer struct {
	Type       string  `json:"type"`
	EntryPoint string  `json:"entry_point"`
	Config     command `json:"mcp_config"`
}

// command is how a client starts the server.
type command struct {
	Command     string            `json:"command"`
	Arguments   []string          `json:"args"`
	Environment map[string]string `json:"env,omitempty"`
}

type compatibility struct {
	ClaudeDesktop string   `json:"claude_desktop"`
	Platforms     []string `json:"platforms"`
}

// oldestDesktop is the first Claude Desktop that asks for the settings of a bundle.
const oldestDesktop = ">=0.10.0"

// Manifest writes the manifest of a bundle. The lists are those of the default settings, and generated: others offer more
// or fewer.
func Manifest(product *Product, version string, p Platform) ([]byte, error) {
	return encode(manifest{
		ManifestVersion: "0.3",
		Name:            Name, DisplayName: Title, Version: version, Description: Description, LongDescription: longDescription,
		Author: author{Title, Homepage}, Repository: repository{"git", Repository + ".git"}, Homepage: Homepage,
		Documentation: Repository + "/blob/main/docs/bundles.md", Support: Repository + "/issues", Icon: "icon.png",
		Server: manifestServer{"binary", p.Program(), command{"${__dirname}/" + p.Program(), []string{"stdio"}, environment(Settings())}},
		Tools:  slices.Clone(product.Tools), ToolsGenerated: true, Prompts: slices.Clone(product.Prompts), PromptsGenerated: true,
		Keywords: keywords(), License: License, Compatibility: compatibility{oldestDesktop, []string{p.name()}},
		UserConfig: userConfig(Settings()),
	})
}
