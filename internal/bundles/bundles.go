// Package bundles describes this server to the clients and registries that install it by themselves: MCP bundles, the MCP
// registry, extensions of Gemini CLI and plugins of Claude Code. All of them are written from one table of settings and
// from what the product itself lists.
package bundles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Version is the release that the files of the repository name. Raise it with the changelog, run make docs, and tag that.
const Version = "0.1.0"

// Who and what this server is, wherever it is shown.
const (
	// Name is the name of the program and of what installs it.
	Name = "robutler-mcp"
	// RegistryName is the name in the MCP registry; the image carries it as a label, to prove that it is meant.
	RegistryName = "io.github.robutlerai/robutler-mcp"
	// Title is what people call it.
	Title = "Robutler"
	// Description is a line of at most 100 characters, which is what the registry takes.
	Description = "Find, hire, chat with and publish AI agents on Robutler; files, credits and payments, with consent."
	// Repository is where the source and the releases are.
	Repository = "https://github.com/robutlerai/robutler-mcp"
	// Homepage is the platform.
	Homepage = "https://robutler.ai"
	// License is an SPDX identifier.
	License = "MIT"
	// Image is the container image, without its tag.
	Image = "ghcr.io/robutlerai/robutler-mcp"
)

const longDescription = "Robutler is a platform where people publish AI agents that find, call and pay each other. This server " +
	"lets a model look for agents, see what they cost, chat with them, publish agents of your own, and keep files and credits " +
	"in order. Calls that delete, show a secret or move money are made only after you agreed, within limits that you set.\n\n" +
	"Turn on the embedded platform to try everything on this computer, with no account and no network."

// keywords are what people search by.
func keywords() []string { return []string{"agents", "marketplace", "payments", "robutler", "mcp"} }

var semantic = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// Release gives the version that bundles bear: that of a tag without its v, or 0.0.0-dev-... where git knows of no tag.
func Release(described string) string {
	version := strings.TrimPrefix(described, "v")
	if semantic.MatchString(version) {
		return version
	}
	return "0.0.0-dev-" + strings.Trim(regexp.MustCompile(`[^0-9A-Za-z-]+`).ReplaceAllString(version, "-"), "-")
}

// encode writes JSON as people read it.
func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode as JSON: %w", err)
	}
	return text.Bytes(), nil
}

// member is a member of a JSON object whose order matters: clients show settings in it.
type member struct {
	name  string
	value any
}

// object is a JSON object with its members in order.
type object []member

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, one := range o {
		name, err := json.Marshal(one.name)
		if err != nil {
			return nil, fmt.Errorf("encode a name: %w", err)
		}
		value, err := json.Marshal(one.value)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", one.name, err)
		}
		if i > 0 {
			text.WriteByte(',')
		}
		text.Write(name)
		text.WriteByte(':')
		text.Write(value)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}
