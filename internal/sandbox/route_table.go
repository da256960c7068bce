package sandbox

// agentRoutes are the agents themselves.
func (p *Platform) agentRoutes() map[string]route {
	return map[string]route{
		"GET /api/agents":                                        {p.listAgents, everyone, always},
		"POST /api/agents":                                       {p.createAgent, owners, always},
		"GET /api/agents/{agent}":                                {p.getAgent, everyone, always},
		"PUT /api/agents/{agent}":                                {p.updateAgent, itself, in2025},
		"PATCH /api/agents/{agent}":                              {p.updateAgent, itself, in2026},
		"DELETE /api/agents/{agent}":                             {p.deleteAgent, itself, always},
		"GET /api/agents/by-name/{name}":                         {p.getAgentByName, everyone, in2025},
		"GET /api/agents/search":                                 {p.searchAgentsByQuery, everyone, in2025},
		"POST /api/agents/search":                                {p.searchAgents, everyone, in2025},
		"GET /api/agents/discover":                               {p.discoverAgents, everyone, in2025},
		"GET /api/agents/unreads":                                {p.unreads, everyone, in2026},
		"POST /api/agents/heartbeat":                             {p.heartbeat, itself, in2026},
		"POST /api/agents/sync":                                  {p.absent, everyone, aside},
		"POST /api/agents/publish":                               {p.publishAgent, owners, in2025},
		"POST /api/agents/{agent}/chat/completions":              {p.current(p.serveChat), everyone, always},
		"GET /api/agents/{agent}/api-key":                        {p.getAgentKey, itself, always},
		"POST /api/agents/{agent}/api-key":                       {p.regenerateAgentKey, owners, always},
		"GET /api/agents/{agent}/intents":                        {p.agentIntents, everyone, always},
		"GET /api/agents/{agent}/similar":                        {p.similarAgents, everyone, in2025},
		"GET /api/agents/{agent}/status":                         {p.agentStatus, everyone, always},
		"POST /api/agents/{agent}/deregister":                    {p.deregister, itself, always},
		"GET /api/agents/{agent}/payment-tokens":                 {p.current(p.agentTokens), itself, in2025},
		"GET /api/agents/{agent}/username":                       {p.agentUsername, everyone, in2026},
		"PUT /api/agents/{agent}/username":                       {p.changeAgentUsername, owners, in2026},
		"GET /api/agents/{agent}/revisions":                      {p.listRevisions, itself, in2026},
		"GET /api/agents/{agent}/conversations":                  {p.listConversations, itself, aside},
		"POST /api/agents/{agent}/conversations":                 {p.keepConversation, itself, aside},
		"POST /api/auth/agent/register":                          {p.registrationIsClosed, everyone, in2026},
		"GET /api/agents/{agent}/conversations/{chat}":           {p.getConversation, itself, aside},
		"POST /api/agents/{agent}/revisions/{revision}/activate": {p.activateRevision, itself, in2026},
	}
}

// agentWorkRoutes are what agents have: files, other services and functions.
func (p *Platform) agentWorkRoutes() map[string]route {
	return map[string]route{
		"GET /api/agents/{agent}/content":                          {p.agentContent, everyone, in2026},
		"POST /api/agents/{agent}/content":                         {p.addAgentContent, itself, in2026},
		"GET /api/agents/{agent}/content/{content}":                {p.readAgentContent, everyone, in2026},
		"DELETE /api/agents/{agent}/content/{content}":             {p.unlinkAgentContent, itself, in2026},
		"GET /api/agents/{agent}/integrations":                     {p.listAgentIntegrations, itself, in2026},
		"POST /api/agents/{agent}/integrations":                    {p.createAgentIntegration, itself, in2026},
		"PATCH /api/agents/{agent}/integrations/{integration}":     {p.updateAgentIntegration, itself, in2026},
		"DELETE /api/agents/{agent}/integrations/{integration}":    {p.deleteAgentIntegration, itself, in2026},
		"GET /api/agents/{agent}/functions":                        {p.listFunctions, itself, in2026},
		"POST /api/agents/{agent}/functions":                       {p.createFunction, itself, in2026},
		"GET /api/agents/{agent}/functions/openapi.json":           {p.describeFunctions, itself, in2026},
		"GET /api/agents/{agent}/functions/{function}":             {p.getFunction, itself, in2026},
		"DELETE /api/agents/{agent}/functions/{function}":          {p.deleteFunction, itself, in2026},
		"GET /api/agents/{agent}/functions/{function}/source":      {p.functionPart, itself, in2026},
		"GET /api/agents/{agent}/functions/{function}/invocations": {p.functionPart, itself, in2026},
		"POST /api/agents/{agent}/functions/{function}/validate":   {p.functionPart, itself, in2026},
		"POST /api/agents/{agent}/functions/{function}/invoke":     {p.functionPart, itself, in2026},
		"POST /api/agents/{agent}/functions/{function}/secret":     {p.functionPart, itself, in2026},
		"DELETE /api/agents/{agent}/functions/{function}/secret":   {p.functionPart, itself, in2026},
	}
}

// discoveryRoutes are how agents are found, and what they offer.
func (p *Platform) discoveryRoutes() map[string]route {
	return map[string]route{
		"GET /api/discovery/agents":       {p.discoveryAgents, everyone, in2026},
		"GET /api/discovery/{kind}":       {p.discoverNothing, everyone, in2026},
		"POST /api/discovery":             {p.discover, everyone, in2026},
		"POST /api/discovery/announce":    {p.announce, agentKeys, in2026},
		"GET /api/discovery/subscribe":    {p.listSubscriptions, everyone, in2026},
		"POST /api/discovery/subscribe":   {p.subscribe, everyone, in2026},
		"DELETE /api/discovery/subscribe": {p.unsubscribe, everyone, in2026},
		"GET /api/intents/subscribe":      {p.listSubscriptions, everyone, in2026},
		"POST /api/intents/subscribe":     {p.subscribe, everyone, in2026},
		"DELETE /api/intents/subscribe":   {p.unsubscribe, everyone, in2026},
		"POST /api/intents/publish":       {p.publishIntents, itself, in2025},
		"POST /api/intents/create":        {p.createIntents, itself, in2026},
		"POST /api/intents/update":        {p.updateIntent, itself, in2026},
		"POST /api/intents/delete":        {p.deleteIntent, itself, always},
		"POST /api/intents/search":        {p.searchIntents, everyone, always},
		"POST /api/intents/list":          {p.listIntents, everyone, always},
		"GET /api/intents/health":         {p.intentsHealth, everyone, always},
	}
}

// contentRoutes are the user's files.
func (p *Platform) contentRoutes() map[string]route {
	return map[string]route{
		"GET /api/content":                         {p.listContent, everyone, in2025 | session},
		"POST /api/content":                        {p.uploadContent, everyone, in2025},
		"DELETE /api/content":                      {p.deleteContentByName, everyone, in2025},
		"GET /api/content/agent":                   {p.legacyContent, everyone, in2025},
		"GET /api/content/agent-access":            {p.listAgentContent, everyone, in2025},
		"POST /api/content/upload":                 {p.uploadContent, everyone, in2026},
		"GET /api/content/{content}":               {p.downloadContent, everyone, always},
		"DELETE /api/content/{content}":            {p.deleteContent, everyone, in2025 | session},
		"GET /api/content/public/{content}/{name}": {p.downloadPublicContent, anybody, always},
	}
}
