package tools

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// The toolsets, in the order of the documentation.
const (
	ToolsetAgents      = "agents"
	ToolsetContent     = "content"
	ToolsetAccount     = "account"
	ToolsetIntents     = "intents"
	ToolsetKeys        = "keys"
	ToolsetPayments    = "payments"
	ToolsetFacilitator = "facilitator"
)

// The names that stand for several toolsets.
const (
	ToolsetDefault = "default"
	ToolsetAll     = "all"
)

// Platform is what the tools work with.
type Platform struct {
	// Client speaks to the platform.
	Client *client.Client
	// UploadRoots are the folders that upload_content may read from; without any it takes no paths.
	UploadRoots *UploadRoots
	// Gate stands between calls that change something and their effect; without one they are made at once.
	Gate Gate
	// ConfirmAll says that the gate asks before every change, not only before those that destroy, show secrets or move
	// money.
	ConfirmAll bool
	// Journal knows the calls that the gate was given; without one there are none.
	Journal Journal
	// Now is the clock; time.Now when nil.
	Now func() time.Time

	mutations mutationSchemas
}

func (p Platform) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

// Catalog is an ordered set of tools.
type Catalog struct {
	tools []Tool
	views []View
}

// NewCatalog declares every tool, in the order of the documentation. An error is a mistake in a declaration; those in the
// types of arguments and results are left to Check.
func NewCatalog(platform Platform) (*Catalog, error) {
	return Collect(declareAll(platform), views())
}

// Collect makes a catalog of tools and of the views that they name. An error is a mistake in a declaration.
func Collect(declared []Tool, views []View) (*Catalog, error) {
	addresses := map[string]bool{"": true}
	for _, view := range views {
		if err := view.check(); err != nil {
			return nil, err
		}
		addresses[view.URI] = true
	}
	seen := map[string]bool{}
	for _, tool := range declared {
		if err := tool.check(); err != nil {
			return nil, err
		}
		if seen[tool.Name] {
			return nil, fmt.Errorf("define %s: there are two of that name", tool.Name)
		}
		if !addresses[tool.View] {
			return nil, fmt.Errorf("define %s: there is no view %q", tool.Name, tool.View)
		}
		seen[tool.Name] = true
	}
	return &Catalog{tools: slices.Clone(declared), views: slices.Clone(views)}, nil
}

func declareAll(platform Platform) []Tool {
	platform.mutations = mutationSchemas{
		output: schema.Shared[MutationOutput](), confirmation: schema.Shared[confirmationArgument](),
	}
	agents, content, account := agentTools{platform}, contentTools{platform}, accountTools{platform}
	intents, keys := intentTools{platform}, keyTools{platform}
	payments, facilitator := paymentTools{platform}, facilitatorTools{platform}
	return []Tool{
		agents.listAgents(),
		agents.getAgent(),
		agents.searchAgents(),
		agents.discoverAgents(),
		agents.findSimilarAgents(),
		agents.createAgent(),
		agents.updateAgent(),
		agents.deleteAgent(),
		agents.chatWithAgent(),
		agents.listAgentIntents(),
		content.listContent(),
		content.readContent(),
		content.uploadContent(),
		content.deleteContent(),
		account.getUser(),
		account.getCredits(),
		account.listTransactions(),
		account.getAccountSummary(),
		intents.publishIntents(),
		intents.searchIntents(),
		keys.listAPIKeys(),
		keys.createAPIKey(),
		keys.deleteAPIKey(),
		keys.getAgentAPIKey(),
		keys.regenerateAgentAPIKey(),
		payments.verifyPaymentToken(),
		payments.lockPayment(),
		payments.extendPaymentLock(),
		payments.settlePayment(),
		payments.redeemPaymentToken(),
		payments.delegatePaymentToken(),
		payments.listPendingPayments(),
		facilitator.listPaymentSchemes(),
		facilitator.verifyX402Payment(),
		facilitator.settleX402Payment(),
		facilitator.getExchangeRates(),
		facilitator.exchangeX402Payment(),
	}
}

// Check makes every schema and reports the mistakes in them.
func (c *Catalog) Check() error {
	var mistakes []error
	for _, tool := range c.tools {
		for _, of := range []*schema.Schema{tool.Input, tool.Output} {
			if err := of.Check(); err != nil {
				mistakes = append(mistakes, fmt.Errorf("define %s: %w", tool.Name, err))
			}
		}
	}
	return errors.Join(mistakes...)
}

// Tools gives the tools in order.
func (c *Catalog) Tools() []Tool { return slices.Clone(c.tools) }

// Names gives the tools' names in order.
func (c *Catalog) Names() []string {
	names := make([]string, 0, len(c.tools))
	for _, tool := range c.tools {
		names = append(names, tool.Name)
	}
	return names
}

// Toolsets gives the toolsets that the tools belong to, in order.
func (c *Catalog) Toolsets() []string {
	var toolsets []string
	for _, tool := range c.tools {
		if !slices.Contains(toolsets, tool.Toolset) {
			toolsets = append(toolsets, tool.Toolset)
		}
	}
	return toolsets
}

// Find gives the tool of a name, or an [Error] with the nearest name and all valid ones.
func (c *Catalog) Find(name string) (Tool, error) {
	for _, tool := range c.tools {
		if tool.Name == name {
			return tool, nil
		}
	}
	return Tool{}, unknownName("tool", name, c.Names())
}
