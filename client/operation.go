package client

import (
	"net/http"
	"slices"
)

// Generation names a wire generation of the platform.
type Generation int

// The generations that this client speaks.
const (
	// Generation2025 is the platform of autumn 2025, which the Robutler Python SDK was written for.
	Generation2025 Generation = 2025
	// Generation2026 is the platform since March 2026.
	Generation2026 Generation = 2026
)

// Route is one way to ask for an operation.
type Route struct {
	// Generation is the platform that serves the route; both generations may.
	Generation Generation
	// Method is the HTTP method.
	Method string
	// Path stands below /api. Placeholders stand in braces and fill whole segments.
	Path string
}

// Operation is a call of the platform as the documentation lists it.
type Operation struct {
	// Name says in errors what was attempted.
	Name string
	// Method is the client's method, for example Agents.List.
	Method string
	// SDK is the method of the Robutler Python SDK that it stands for, or empty.
	SDK string
	// Class decides what may be sent again.
	Class Class
	// Routes serve the operation, the preferred first.
	Routes []Route
}

// operation is an entry of the client's table.
type operation struct {
	Operation
	id operationID
	// verdict says that the body of a success may say no: the method reads it.
	verdict bool
	// raw says that the body of a success is not JSON.
	raw bool
	// names says that the body names a thing, so that a 404 is about the thing rather than the route.
	names bool
	// keyless says that the platform serves it to callers without a key, too.
	keyless bool
	// relayed says that an agent answers through the platform, so that what is said of a failure may be the agent's.
	relayed bool
}

// operationID is an operation's place in the table.
type operationID int

const (
	agentList operationID = iota
	agentGet
	agentGetByName
	agentCreate
	agentUpdate
	agentDelete
	agentSearch
	agentDiscover
	agentSimilar
	agentKeyGet
	agentKeyRegenerate
	agentChat
	agentIntents
	contentList
	contentAgentAccess
	contentAgentList
	contentUpload
	contentRead
	contentAgentRead
	contentDelete
	userGet
	creditsGet
	transactionList
	keyList
	keyCreate
	keyDelete
	tokenValidate
	tokenRedeem
	tokenVerify
	paymentLock
	paymentLockExtend
	paymentSettle
	tokenDelegate
	facilitatorSupported
	facilitatorVerify
	facilitatorSettle
	facilitatorRates
	facilitatorExchange
	intentPublish
	intentCreate
	intentSearch
	healthGet
	operationCount
)

// Operations gives every operation of the client, in the order of the documentation.
func Operations() []Operation {
	table := newOperations()
	all := make([]Operation, 0, len(table))
	for i := range table {
		entry := table[i].Operation
		entry.Routes = slices.Clone(entry.Routes)
		all = append(all, entry)
	}
	return all
}

func in2025(method, path string) Route { return Route{Generation2025, method, path} }
func in2026(method, path string) Route { return Route{Generation2026, method, path} }

// newOperations builds the table. Where a route is served by both generations it is listed once, as of 2026.
func newOperations() []operation {
	table := make([]operation, operationCount)
	declare := func(id operationID, name, method, sdk string, class Class, routes ...Route) {
		table[id] = operation{id: id, Operation: Operation{name, method, sdk, class, routes}}
	}
	declareAgents(declare)
	declareContent(declare)
	declareAccount(declare)
	declarePayments(declare)
	declareIntents(declare)
	for _, id := range []operationID{tokenValidate, tokenVerify, facilitatorVerify} {
		table[id].verdict = true
	}
	for _, id := range []operationID{
		tokenRedeem, paymentLock, paymentSettle, tokenDelegate, facilitatorVerify, facilitatorSettle, facilitatorExchange,
	} {
		table[id].names = true
	}
	table[contentRead].raw = true
	table[agentChat].relayed = true
	table[healthGet].keyless = true
	return table
}

// declaration puts an operation into the table.
type declaration func(id operationID, name, method, sdk string, class Class, routes ...Route)

func declareAgents(declare declaration) {
	declare(agentList, "list agents", "Agents.List", "agents.list", Read, in2026(http.MethodGet, "/agents"))
	declare(agentGet, "get agent", "Agents.Get", "agents.get", Read, in2026(http.MethodGet, "/agents/{agent}"))
	declare(agentGetByName, "get agent", "Agents.GetByName", "agents.get_by_name", Read,
		in2026(http.MethodGet, "/agents/{agent}"), in2025(http.MethodGet, "/agents/by-name/{agent}"))
	declare(agentCreate, "create agent", "Agents.Create", "agents.create", Create, in2026(http.MethodPost, "/agents"))
	declare(agentUpdate, "update agent", "Agents.Update", "agents.update", Update,
		in2026(http.MethodPatch, "/agents/{agent}"), in2025(http.MethodPut, "/agents/{agent}"))
	declare(agentDelete, "delete agent", "Agents.Delete", "agents.delete", Delete, in2026(http.MethodDelete, "/agents/{agent}"))
	// The 2026 portal's own agent search gives no similarity, so the ranked 2025 route goes first.
	declare(agentSearch, "search agents", "Agents.Search", "agents.search", Read,
		in2025(http.MethodPost, "/agents/search"), in2026(http.MethodGet, "/discovery/agents"))
	declare(agentDiscover, "discover agents", "Agents.Discover", "agents.discover", Read,
		in2025(http.MethodGet, "/agents/discover"), in2026(http.MethodGet, "/discovery/agents"))
	declare(agentSimilar, "find similar agents", "Agents.FindSimilar", "agents.find_similar", Read,
		in2025(http.MethodGet, "/agents/{agent}/similar"))
	declare(agentKeyGet, "get agent API key", "Agents.APIKey", "AgentResource.api_key", Read,
		in2026(http.MethodGet, "/agents/{agent}/api-key"))
	declare(agentKeyRegenerate, "regenerate agent API key", "Agents.RegenerateAPIKey", "", Secret,
		in2026(http.MethodPost, "/agents/{agent}/api-key"))
	declare(agentChat, "chat with agent", "Agents.Chat, Agents.ChatStream", "AgentResource.chat_completion", Create,
		in2026(http.MethodPost, "/agents/{agent}/chat/completions"))
	declare(agentIntents, "list agent intents", "Agents.Intents", "AgentResource.get_intents", Read,
		in2026(http.MethodGet, "/agents/{agent}/intents"))
}

func declareContent(declare declaration) {
	declare(contentList, "list content", "Content.List", "content.list", Read, in2025(http.MethodGet, "/content"))
	declare(contentAgentAccess, "list agent-accessible content", "Content.AgentAccess", "content.agent_access", Read,
		in2025(http.MethodGet, "/content/agent-access"))
	declare(contentAgentList, "list agent content", "Content.ListOfAgent", "", Read,
		in2026(http.MethodGet, "/agents/{agent}/content"))
	declare(contentUpload, "upload content", "Content.Upload", "content.upload", Create,
		in2026(http.MethodPost, "/content/upload"), in2025(http.MethodPost, "/content"))
	declare(contentRead, "read content", "Content.Read", "", Read, in2025(http.MethodGet, "/content/{content}"))
	declare(contentAgentRead, "read agent content", "Content.ReadOfAgent", "", Read,
		in2026(http.MethodGet, "/agents/{agent}/content/{content}"))
	declare(contentDelete, "delete content", "Content.Delete", "content.delete", Delete,
		in2026(http.MethodDelete, "/content/{content}"))
}

func declareAccount(declare declaration) {
	declare(userGet, "get user", "User.Get, User.ValidateKey", "user.get", Read, in2026(http.MethodGet, "/user"))
	declare(creditsGet, "get credits", "User.Credits", "user.credits", Read,
		in2026(http.MethodGet, "/balance"), in2025(http.MethodGet, "/user/credits"))
	declare(transactionList, "list transactions", "User.Transactions", "user.transactions", Read,
		in2026(http.MethodGet, "/balance/transactions"), in2025(http.MethodGet, "/user/transactions"))
	declare(keyList, "list API keys", "APIKeys.List", "api_keys.list", Read, in2026(http.MethodGet, "/api-keys"))
	declare(keyCreate, "create API key", "APIKeys.Create", "api_keys.create", Secret, in2026(http.MethodPost, "/api-keys"))
	declare(keyDelete, "delete API key", "APIKeys.Delete", "api_keys.delete", Delete, in2026(http.MethodDelete, "/api-keys/{key}"))
	declare(healthGet, "check health", "Health", "health_check", Read, in2026(http.MethodGet, "/health"))
}

func declarePayments(declare declaration) {
	declare(tokenValidate, "validate payment token", "Tokens.Validate, Tokens.Balance", "tokens.validate", Read,
		in2026(http.MethodPost, "/payments/verify"), in2025(http.MethodGet, "/tokens/validate"))
	declare(tokenRedeem, "redeem payment token", "Tokens.Redeem", "tokens.redeem", Money,
		in2026(http.MethodPost, "/payments/settle"), in2025(http.MethodPut, "/tokens/redeem"))
	declare(tokenVerify, "verify payment token", "Tokens.Verify", "", Read, in2026(http.MethodPost, "/payments/verify"))
	declare(paymentLock, "lock payment", "Tokens.Lock", "", Money, in2026(http.MethodPost, "/payments/lock"))
	declare(paymentLockExtend, "extend payment lock", "Tokens.ExtendLock", "", Money,
		in2026(http.MethodPatch, "/payments/lock/{lock}"))
	declare(paymentSettle, "settle payment", "Tokens.Settle", "", Money, in2026(http.MethodPost, "/payments/settle"))
	declare(tokenDelegate, "delegate payment token", "Tokens.Delegate", "", Money, in2026(http.MethodPost, "/payments/delegate"))
	declare(facilitatorSupported, "list payment schemes", "Facilitator.Supported", "facilitator.supported_schemes", Read,
		in2025(http.MethodGet, "/x402/supported"))
	declare(facilitatorVerify, "verify x402 payment", "Facilitator.Verify", "facilitator.verify", Read,
		in2025(http.MethodPost, "/x402/verify"), in2026(http.MethodPost, "/payments/verify"))
	declare(facilitatorSettle, "settle x402 payment", "Facilitator.Settle", "facilitator.settle", Money,
		in2025(http.MethodPost, "/x402/settle"), in2026(http.MethodPost, "/payments/settle"))
	declare(facilitatorRates, "get exchange rates", "Facilitator.ExchangeRates", "facilitator.exchange_rates", Read,
		in2025(http.MethodGet, "/x402/exchange"))
	declare(facilitatorExchange, "exchange x402 payment", "Facilitator.Exchange", "facilitator.exchange", Money,
		in2025(http.MethodPost, "/x402/exchange"))
}

func declareIntents(declare declaration) {
	declare(intentPublish, "publish intents", "Intents.Publish", "intents.publish", Create,
		in2025(http.MethodPost, "/intents/publish"), in2026(http.MethodPost, "/intents/create"))
	declare(intentCreate, "create intents", "Intents.Create", "", Create, in2026(http.MethodPost, "/intents/create"))
	declare(intentSearch, "search intents", "Intents.Search", "", Read, in2026(http.MethodPost, "/intents/search"))
}
