package client

import (
	"errors"
	"reflect"
	"time"

	"github.com/shopspring/decimal"
)

// Agent is an AI agent on the platform. Optional values are nil or empty where the platform does not tell them, as it
// does for agents of other owners.
type Agent struct {
	// ID is the agent's unique id.
	ID string
	// Name is the agent's name; since 2026 the name it is addressed by.
	Name string
	// DisplayName is the name shown to people, where it differs.
	DisplayName string
	// Instructions are the system instructions.
	Instructions string
	// Model is the language model, for example gpt-4o-mini.
	Model string
	// Intents are the names of the published intents, never nil.
	Intents []string
	// CanUseOtherAgents tells whether the agent may call others.
	CanUseOtherAgents bool
	// OtherAgentsCanTalk tells whether others may call the agent.
	OtherAgentsCanTalk bool
	// CreditsPerToken is the price of one token, in credits.
	CreditsPerToken *decimal.Decimal
	// MinimumBalance is the balance that a caller needs, in credits.
	MinimumBalance *decimal.Decimal
	// AgentPricingPercent is the part of the price that goes to the owner, in percent.
	AgentPricingPercent *decimal.Decimal
	// IsPublic tells whether others can discover the agent.
	IsPublic bool
	// Description is what others find the agent by.
	Description string
	// AvatarURL, GreetingImageMobile and GreetingImageDesktop are addresses of images.
	AvatarURL, GreetingImageMobile, GreetingImageDesktop string
	// GreetingMessage is what the agent says first.
	GreetingMessage string
	// SuggestedActions are openings that are offered to people, never nil.
	SuggestedActions []string
	// Capabilities are what the agent declares to be able to do (2026), never nil.
	Capabilities []string
	// Skills is the configuration of the agent's skills, by name.
	Skills map[string]any
	// APIKeyEncrypted is the ciphertext of the agent's key; it cannot be used as a key.
	APIKeyEncrypted string
	// URL is the agent's address, where it has one.
	URL string
	// CreatedAt and UpdatedAt are nil where the platform does not tell them.
	CreatedAt, UpdatedAt *time.Time
}

// agentWire is an agent as the platform's generations write it.
type agentWire struct {
	ID                   text   `json:"id"`
	AgentID              text   `json:"agentId"`
	AgentIDSnake         text   `json:"agent_id"`
	Name                 text   `json:"name"`
	DisplayName          text   `json:"displayName"`
	Username             text   `json:"username"`
	Instructions         text   `json:"instructions"`
	Model                text   `json:"model"`
	Intents              texts  `json:"intents"`
	CanTalkToOtherAgents flag   `json:"canTalkToOtherAgents"`
	OtherAgentsCanTalk   flag   `json:"otherAgentsCanTalk"`
	CreditsPerToken      amount `json:"creditsPerToken"`
	MinimumBalance       amount `json:"minimumBalance"`
	MinimumBalanceSnake  amount `json:"min_balance"`
	AgentPricingPercent  amount `json:"agentPricingPercent"`
	IsPublic             flag   `json:"isPublic"`
	Description          text   `json:"description"`
	Bio                  text   `json:"bio"`
	AvatarURL            text   `json:"avatarUrl"`
	GreetingMessage      text   `json:"greetingMessage"`
	SuggestedActions     texts  `json:"suggestedActions"`
	GreetingImageMobile  text   `json:"greetingImageMobile"`
	GreetingImageDesktop text   `json:"greetingImageDesktop"`
	Capabilities         texts  `json:"capabilities"`
	Skills               object `json:"skills"`
	APIKey               text   `json:"apiKey"`
	URL                  text   `json:"url"`
	AgentURL             text   `json:"agentUrl"`
	CreatedAt            moment `json:"createdAt"`
	UpdatedAt            moment `json:"updatedAt"`
}

// agentRank is what a search says of an agent beside it.
type agentRank struct {
	Similarity      amount `json:"similarity"`
	SimilarityScore amount `json:"similarity_score"`
	Score           amount `json:"score"`
}

// The fields are found once: lists of agents are long.
var (
	agentFields, _ = fieldsOf(reflect.TypeFor[agentWire]())
	rankFields, _  = fieldsOf(reflect.TypeFor[agentRank]())
)

var errNotAnObject = errors.New("it is not a JSON object")

// UnmarshalJSON reads an agent as any generation of the platform writes it, nested under "agent" or flat.
func (a *Agent) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*a = Agent{}
		return nil
	}
	if !isObject(data) {
		return errNotAnObject
	}
	var wire agentWire
	if err := agentFields.decodeNested(data, "agent", &wire); err != nil {
		return err
	}
	minimum := wire.MinimumBalance
	if !minimum.known {
		minimum = wire.MinimumBalanceSnake
	}
	*a = Agent{
		ID:                   first(wire.ID, wire.AgentID, wire.AgentIDSnake),
		Name:                 first(wire.Name, wire.Username, wire.DisplayName),
		DisplayName:          string(wire.DisplayName),
		Instructions:         string(wire.Instructions),
		Model:                string(wire.Model),
		Intents:              wire.Intents.plain(),
		CanUseOtherAgents:    bool(wire.CanTalkToOtherAgents),
		OtherAgentsCanTalk:   bool(wire.OtherAgentsCanTalk),
		CreditsPerToken:      wire.CreditsPerToken.pointer(),
		MinimumBalance:       minimum.pointer(),
		AgentPricingPercent:  wire.AgentPricingPercent.pointer(),
		IsPublic:             bool(wire.IsPublic),
		Description:          first(wire.Description, wire.Bio),
		AvatarURL:            string(wire.AvatarURL),
		GreetingImageMobile:  string(wire.GreetingImageMobile),
		GreetingImageDesktop: string(wire.GreetingImageDesktop),
		GreetingMessage:      string(wire.GreetingMessage),
		SuggestedActions:     wire.SuggestedActions.plain(),
		Capabilities:         wire.Capabilities.plain(),
		Skills:               wire.Skills,
		APIKeyEncrypted:      string(wire.APIKey),
		URL:                  first(wire.URL, wire.AgentURL),
		CreatedAt:            wire.CreatedAt.pointer(),
		UpdatedAt:            wire.UpdatedAt.pointer(),
	}
	return nil
}

// AgentMatch is an agent that a search found.
type AgentMatch struct {
	Agent
	// Similarity is how well the agent fits the query, from 0 to 1, or nil where the platform does not rank.
	Similarity *float64
}

// UnmarshalJSON reads a search row: an agent, nested or flat, with its rank beside it.
func (m *AgentMatch) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*m = AgentMatch{}
		return nil
	}
	if !isObject(data) {
		return errNotAnObject
	}
	var rank agentRank
	if err := rankFields.decodeObject(data, &rank); err != nil {
		return err
	}
	*m = AgentMatch{}
	if err := m.Agent.UnmarshalJSON(data); err != nil {
		return err
	}
	// What a search finds is public unless it says otherwise.
	if told := member(unwrap(data, "agent"), "isPublic"); told == nil || string(told) == "null" {
		m.IsPublic = true
	}
	m.Similarity = similarityOf(rank.Similarity, rank.SimilarityScore, rank.Score)
	return nil
}
