// Package e2e drives the built binary with MCP clients that others wrote.
package e2e
