package clients

import "slices"

// isDisabled is of clients that leave a server alone where its entry says that it is disabled.
func isDisabled(_, entry map[string]any) bool { return entry["disabled"] == true }

// isNotEnabled is of clients that leave a server alone where its entry says that it is not enabled.
func isNotEnabled(_, entry map[string]any) bool { return entry["enabled"] == false }

// isExcluded is of Gemini CLI, which keeps lists of the servers that it starts.
func isExcluded(root, _ map[string]any) bool {
	lists, _ := root["mcp"].(map[string]any)
	if excluded, ok := lists["excluded"].([]any); ok && slices.Contains(excluded, any(ServerName)) {
		return true
	}
	allowed, ok := lists["allowed"].([]any)
	return ok && len(allowed) > 0 && !slices.Contains(allowed, any(ServerName))
}
