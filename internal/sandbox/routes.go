package sandbox

import "net/http"

// action answers a request of a known caller with the body of a success.
type action func(*request) (any, error)

// request is an HTTP request and who makes it.
type request struct {
	*http.Request
	writer http.ResponseWriter
	caller caller
}

// routes is the whole table. Both generations are served side by side.
func (p *Platform) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		p.respond(w, members{"status": "healthy", "service": "robutler-sandbox"})
	})
	for _, table := range p.tables() {
		for pattern, act := range table {
			mux.HandleFunc(pattern, p.authenticated(act))
		}
	}
	for _, pattern := range []string{"GET /.well-known/jwks.json", "GET /api/auth/jwks"} {
		mux.HandleFunc(pattern, p.serveKeys)
	}
	mux.HandleFunc("GET /.well-known/ucp", p.serveManifest)
	mux.HandleFunc("POST /api/agents/{agent}/chat/completions", p.serveChat)
	mux.HandleFunc("GET /api/content/{content}", p.downloadContent)
	mux.HandleFunc("GET /api/content/public/{content}/{name}", p.downloadPublicContent)
	return p.framed(mux)
}

// tables are the routes that need a key.
func (p *Platform) tables() []map[string]action {
	return []map[string]action{p.agentRoutes(), p.agentWorkRoutes(), p.contentRoutes(), p.accountRoutes(), p.paymentRoutes()}
}

func (p *Platform) agentRoutes() map[string]action {
	return map[string]action{
		"GET /api/agents":                              p.listAgents,
		"POST /api/agents":                             p.createAgent,
		"GET /api/agents/{agent}":                      p.getAgent,
		"PUT /api/agents/{agent}":                      p.updateAgent,
		"PATCH /api/agents/{agent}":                    p.updateAgent,
		"DELETE /api/agents/{agent}":                   p.deleteAgent,
		"GET /api/agents/{agent}/{part}":               p.agentPart,
		"POST /api/agents/{agent}/api-key":             p.regenerateAgentKey,
		"GET /api/agents/{agent}/content/{content}":    p.readAgentContent,
		"DELETE /api/agents/{agent}/content/{content}": p.unlinkAgentContent,
		"GET /api/agents/search":                       p.searchAgentsByQuery,
		"POST /api/agents/search":                      p.searchAgents,
		"GET /api/agents/discover":                     p.discoverAgents,
		"GET /api/agents/unreads":                      p.unreads,
		"POST /api/agents/heartbeat":                   p.heartbeat,
		"POST /api/auth/agent/register":                p.registrationIsClosed,
		"GET /api/discovery/agents":                    p.discoveryAgents,
		"GET /api/discovery/{kind}":                    p.discoverNothing,
		"POST /api/discovery":                          p.discover,
		"POST /api/intents/publish":                    p.publishIntents,
		"POST /api/intents/create":                     p.createIntents,
		"POST /api/intents/search":                     p.searchIntents,
		"POST /api/intents/list":                       p.listIntents,
		"POST /api/intents/delete":                     p.deleteIntent,
		"GET /api/intents/health":                      p.intentsHealth,
	}
}

// agentPart serves what stands one level below an agent. The routes of 2025 put by-name in the place of the id, which
// no pattern can tell from an agent of that name.
func (p *Platform) agentPart(r *request) (any, error) {
	if r.PathValue("agent") == "by-name" {
		r.SetPathValue("name", r.PathValue("part"))
		return p.getAgentByName(r)
	}
	act, known := p.agentParts()[r.PathValue("part")]
	if !known {
		return nil, notFound("route")
	}
	return act(r)
}

// agentParts are what can be asked for one level below an agent.
func (p *Platform) agentParts() map[string]action {
	return map[string]action{
		"api-key":        p.getAgentKey,
		"content":        p.agentContent,
		"conversations":  p.listConversations,
		"functions":      p.listFunctions,
		"integrations":   p.listAgentIntegrations,
		"intents":        p.agentIntents,
		"payment-tokens": p.agentTokens,
		"revisions":      p.listRevisions,
		"similar":        p.similarAgents,
		"status":         p.agentStatus,
		"username":       p.agentUsername,
	}
}

// agentWorkRoutes are what agents of 2026 do with the platform.
func (p *Platform) agentWorkRoutes() map[string]action {
	return map[string]action{
		"POST /api/agents/publish":                               p.publishAgent,
		"POST /api/agents/{agent}/deregister":                    p.deregister,
		"PUT /api/agents/{agent}/username":                       p.changeAgentUsername,
		"POST /api/agents/{agent}/revisions/{revision}/activate": p.activateRevision,
		"POST /api/agents/{agent}/integrations":                  p.createAgentIntegration,
		"PATCH /api/agents/{agent}/integrations/{integration}":   p.updateAgentIntegration,
		"DELETE /api/agents/{agent}/integrations/{integration}":  p.deleteAgentIntegration,
		"POST /api/agents/{agent}/conversations":                 p.keepConversation,
		"GET /api/agents/{agent}/conversations/{chat}":           p.getConversation,
		"POST /api/agents/{agent}/functions":                     p.createFunction,
		"GET /api/agents/{agent}/functions/{function}":           p.getFunction,
		"DELETE /api/agents/{agent}/functions/{function}":        p.deleteFunction,
		"GET /api/agents/{agent}/functions/{function}/{part}":    p.functionPart,
		"POST /api/agents/{agent}/functions/{function}/{part}":   p.functionPart,
		"DELETE /api/agents/{agent}/functions/{function}/{part}": p.functionPart,
		"POST /api/discovery/announce":                           p.announce,
		"GET /api/intents/subscribe":                             p.listSubscriptions,
		"POST /api/intents/subscribe":                            p.subscribe,
		"DELETE /api/intents/subscribe":                          p.unsubscribe,
		"GET /api/discovery/subscribe":                           p.listSubscriptions,
		"POST /api/discovery/subscribe":                          p.subscribe,
		"DELETE /api/discovery/subscribe":                        p.unsubscribe,
		"POST /api/intents/update":                               p.updateIntent,
		"POST /api/agents/{agent}/content":                       p.addAgentContent,
		"GET /api/agents/{agent}/functions/openapi.json":         p.describeFunctions,
	}
}

func (p *Platform) contentRoutes() map[string]action {
	return map[string]action{
		"GET /api/content":              p.listContent,
		"DELETE /api/content":           p.deleteContentByName,
		"GET /api/content/agent":        p.legacyContent,
		"GET /api/content/agent-access": p.listAgentContent,
		"POST /api/content":             p.uploadContent,
		"POST /api/content/upload":      p.uploadContent,
		"DELETE /api/content/{content}": p.deleteContent,
	}
}

func (p *Platform) accountRoutes() map[string]action {
	return map[string]action{
		"GET /api/user":                               p.getUser,
		"PATCH /api/user":                             p.renameUser,
		"PATCH /api/users/me":                         p.renameUser,
		"GET /api/config":                             p.platformConfig,
		"POST /api/credits/transfer":                  p.transferCredits,
		"GET /api/user/integrations":                  p.listIntegrations,
		"POST /api/user/integrations":                 p.createIntegration,
		"GET /api/user/integrations/{integration}":    p.getIntegration,
		"DELETE /api/user/integrations/{integration}": p.deleteIntegration,
		"GET /api/api-keys/{key}":                     p.getKey,
		"GET /api/users/me":                           p.getUser,
		"GET /api/user/credits":                       p.getCredits,
		"GET /api/balance":                            p.getBalance,
		"GET /api/user/transactions":                  p.listTransactions,
		"GET /api/balance/transactions":               p.listTransactions,
		"GET /api/balance/tokens":                     p.listTokens,
		"POST /api/user/transactions":                 p.trackUsage,
		"GET /api/api-keys":                           p.listKeys,
		"POST /api/api-keys":                          p.createKey,
		"DELETE /api/api-keys/{key}":                  p.deleteKey,
		"GET /api/access-tokens":                      p.listAccessTokens,
		"POST /api/access-tokens":                     p.createAccessToken,
		"GET /api/access-tokens/{token}":              p.getAccessToken,
		"PATCH /api/access-tokens/{token}":            p.updateAccessToken,
		"DELETE /api/access-tokens/{token}":           p.deleteAccessToken,
		"POST /api/auth/validate-key":                 p.validateKey,
		"POST /api/auth/cli/token":                    p.commandLineToken,
		"POST /api/auth/owner-assertion":              p.ownerAssertion,
	}
}

func (p *Platform) paymentRoutes() map[string]action {
	return map[string]action{
		"GET /api/balance/spending-overrides":               p.listOverrides,
		"POST /api/balance/spending-overrides":              p.createOverride,
		"PATCH /api/balance/spending-overrides/{override}":  p.updateOverride,
		"DELETE /api/balance/spending-overrides/{override}": p.deleteOverride,
		"GET /api/spending-overrides":                       p.listOverrides,
		"POST /api/spending-overrides":                      p.createOverride,
		"PATCH /api/spending-overrides/{override}":          p.updateOverride,
		"DELETE /api/spending-overrides/{override}":         p.deleteOverride,
		"POST /api/user/tokens":                             p.mintToken,
		"POST /api/user/tokens/cancel":                      p.cancelToken,
		"POST /api/token/validate":                          p.validateToken,
		"POST /api/token/redeem":                            p.redeemToken,
		"GET /api/tokens/validate":                          p.validateToken,
		"PUT /api/tokens/redeem":                            p.redeemToken,
		"POST /api/payments/verify":                         p.verifyToken,
		"POST /api/payments/lock":                           p.lockPayment,
		"PATCH /api/payments/lock/{lock}":                   p.extendLock,
		"POST /api/payments/settle":                         p.settlePayment,
		"POST /api/payments/delegate":                       p.delegateToken,
		"GET /api/payments/tokens":                          p.listTokens,
		"GET /api/payments/tokens/{token}":                  p.getToken,
		"DELETE /api/payments/tokens/{token}":               p.revokeToken,
		"PATCH /api/payments/tokens/{token}/topup":          p.topUpToken,
		"POST /api/payments/tokens/{token}/topup":           p.topUpToken,
		"GET /api/payments/tokens/{token}/tree":             p.tokenTree,
		"POST /api/x402/verify":                             p.verifyX402,
		"POST /api/x402/settle":                             p.settleX402,
		"GET /api/x402/supported":                           p.supportedSchemes,
		"GET /api/x402/exchange":                            p.exchangeRates,
		"POST /api/x402/exchange":                           p.exchange,
	}
}
