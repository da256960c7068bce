// Package bundle installs the server as clients do that are handed an MCP bundle, an extension, a plugin or an entry of the
// MCP registry, and starts the commands that these name.
package bundle
