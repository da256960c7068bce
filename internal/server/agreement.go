package server

import (
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// agreement is what a client and this server told each other when they shook hands. The method names are the library's.
type agreement struct {
	mu           sync.Mutex
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
	version      string
}

// GetClientInfo gives who the client says it is.
func (a *agreement) GetClientInfo() mcp.Implementation {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.info
}

// SetClientInfo notes who the client says it is.
func (a *agreement) SetClientInfo(info mcp.Implementation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.info = info
}

// GetClientCapabilities gives what the client can do.
func (a *agreement) GetClientCapabilities() mcp.ClientCapabilities {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.capabilities
}

// SetClientCapabilities notes what the client can do.
func (a *agreement) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.capabilities = capabilities
}

// ProtocolVersion gives the version that was agreed on.
func (a *agreement) ProtocolVersion() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.version
}

// SetProtocolVersion notes the version that was agreed on.
func (a *agreement) SetProtocolVersion(version string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version = version
}
