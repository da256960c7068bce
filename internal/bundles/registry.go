package bundles

import "strings"

// RegistrySchema is the version of server.json that is written.
const RegistrySchema = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"

// unknownHash stands for the hash of a bundle that is not built yet.
const unknownHash = "0000000000000000000000000000000000000000000000000000000000000000"

// server is a server.json.
type server struct {
	Schema      string           `json:"$schema"`
	Name        string           `json:"name"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Version     string           `json:"version"`
	WebsiteURL  string           `json:"websiteUrl"`
	Repository  sourceRepository `json:"repository"`
	Packages    []registryItem   `json:"packages"`
}

type sourceRepository struct {
	URL    string `json:"url"`
	Source string `json:"source"`
}

// registryItem is one way to get and start the server.
type registryItem struct {
	Type             string     `json:"registryType"`
	Identifier       string     `json:"identifier"`
	Version          string     `json:"version,omitempty"`
	SHA256           string     `json:"fileSha256,omitempty"`
	RuntimeHint      string     `json:"runtimeHint,omitempty"`
	RuntimeArguments []argument `json:"runtimeArguments,omitempty"`
	PackageArguments []argument `json:"packageArguments,omitempty"`
	Environment      []input    `json:"environmentVariables,omitempty"`
	Transport        transport  `json:"transport"`
}

// argument is positional, or named where it has a name.
type argument struct {
	Type        string `json:"type"`
	Name        string `json:"name,omitempty"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
}

// input is what a user fills in: an environment variable, a header, or a variable within one.
type input struct {
	Name        string           `json:"name,omitempty"`
	Description string           `json:"description"`
	Required    bool             `json:"isRequired"`
	Secret      bool             `json:"isSecret,omitempty"`
	Format      string           `json:"format,omitempty"`
	Default     string           `json:"default,omitempty"`
	Value       string           `json:"value,omitempty"`
	Variables   map[string]input `json:"variables,omitempty"`
}

type transport struct {
	Type    string  `json:"type"`
	URL     string  `json:"url,omitempty"`
	Headers []input `json:"headers,omitempty"`
}

// Server writes the server.json of a release. The hashes are those of the bundles, in hexadecimal; where one is missing it
// is all zeros, which no registry should be given.
func Server(version string, hashes map[Platform]string) ([]byte, error) {
	packages := make([]registryItem, 0, len(Platforms()))
	for _, platform := range Platforms() {
		hash := hashes[platform]
		if hash == "" {
			hash = unknownHash
		}
		packages = append(packages, registryItem{
			Type: "mcpb", Identifier: Repository + "/releases/download/v" + version + "/" + BundleFile(version, platform), Version: version,
			SHA256: hash, Transport: transport{Type: "stdio"},
		})
	}
	return encode(server{
		Schema: RegistrySchema, Name: RegistryName, Title: Title, Description: Description, Version: version, WebsiteURL: Homepage,
		Repository: sourceRepository{Repository, "github"}, Packages: append(packages, imageOverStdio(version), imageOverHTTP(version)),
	})
}

// imageOverStdio starts the image for one user. The volume keeps the journal, so that the limits of a day outlive it. The
// registry refuses a version or a hash beside an image: its tag says it.
func imageOverStdio(version string) registryItem {
	return registryItem{
		Type: "oci", Identifier: Image + ":" + version, RuntimeHint: "docker",
		RuntimeArguments: []argument{{Type: "named", Name: "--volume", Value: Name + ":/data", Description: "Keeps the journal of payments and the embedded platform's data."}},
		PackageArguments: []argument{{Type: "positional", Value: "stdio"}},
		Environment:      variables(Settings(), func(s Setting) bool { return s.kind != folder }),
		Transport:        transport{Type: "stdio"},
	}
}

// imageOverHTTP serves the image on loopback. Callers bring their key as a header, so that none is configured.
func imageOverHTTP(version string) registryItem {
	const address = "http://127.0.0.1:8080"
	var arguments []argument
	for word := range strings.FieldsSeq("http --addr=0.0.0.0:8080 --auth=passthrough --behind-proxy --public-url=" + address) {
		arguments = append(arguments, argument{Type: "positional", Value: word})
	}
	return registryItem{
		Type: "oci", Identifier: Image + ":" + version, RuntimeHint: "docker",
		RuntimeArguments: []argument{
			{Type: "named", Name: "--publish", Value: "127.0.0.1:8080:8080", Description: "Only programs of this computer reach the port: there is no TLS."},
			{Type: "named", Name: "--volume", Value: Name + ":/data", Description: "Keeps the journal of payments."},
		},
		PackageArguments: arguments,
		Environment:      variables(Settings(), func(s Setting) bool { return s.kind != folder && !s.Secret && s.Flag != "sandbox" }),
		Transport: transport{Type: "streamable-http", URL: address + "/mcp", Headers: []input{{
			Name: "Authorization", Description: "Your Robutler API key, made at https://robutler.ai/developer.", Required: true, Secret: true,
			Value: "Bearer {api_key}", Variables: map[string]input{"api_key": {Description: "Your Robutler API key.", Required: true, Secret: true}},
		}}},
	}
}

// variables are the settings that fit, as environment variables.
func variables(settings []Setting, fits func(Setting) bool) []input {
	var asked []input
	for _, setting := range settings {
		if !fits(setting) {
			continue
		}
		one := input{Name: setting.Variable(), Description: setting.Description, Secret: setting.Secret, Default: setting.Default, Format: "string"}
		if setting.kind == truth {
			one.Format = "boolean"
		}
		asked = append(asked, one)
	}
	return asked
}
