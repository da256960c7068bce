package client

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// nanoExponent turns the platform's smallest unit, a billionth of a credit, into credits.
const nanoExponent = -9

// UserProfile is the owner of the key.
type UserProfile struct {
	ID, Name, Email string
	// Role is user, admin or agent.
	Role string
	// PlanName is the subscription's name.
	PlanName string
	// TotalCredits and UsedCredits are counted since the account was opened; nil where the platform does not tell them.
	TotalCredits, UsedCredits *decimal.Decimal
	// AvailableCredits is total less used, as the Robutler SDK computes it; nil without them.
	AvailableCredits *decimal.Decimal
	// ReferralCode is the code that the user can give to others.
	ReferralCode string
}

// UnmarshalJSON reads a profile, nested under "user" or flat.
func (u *UserProfile) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID           text   `json:"id"`
		Name         text   `json:"name"`
		DisplayName  text   `json:"displayName"`
		Username     text   `json:"username"`
		Email        text   `json:"email"`
		Role         text   `json:"role"`
		PlanName     text   `json:"planName"`
		TotalCredits amount `json:"totalCredits"`
		UsedCredits  amount `json:"usedCredits"`
		ReferralCode text   `json:"referralCode"`
	}
	if err := json.Unmarshal(unwrap(data, "user"), &wire); err != nil {
		return err
	}
	*u = UserProfile{
		ID:           string(wire.ID),
		Name:         first(wire.Name, wire.DisplayName, wire.Username),
		Email:        string(wire.Email),
		Role:         first(wire.Role, "user"),
		PlanName:     string(wire.PlanName),
		TotalCredits: wire.TotalCredits.pointer(),
		UsedCredits:  wire.UsedCredits.pointer(),
		ReferralCode: string(wire.ReferralCode),
	}
	if wire.TotalCredits.known && wire.UsedCredits.known {
		available := wire.TotalCredits.value.Sub(wire.UsedCredits.value)
		u.AvailableCredits = &available
	}
	return nil
}

// UserService reads the profile, the credits and the transactions of the key's owner.
type UserService struct{ client *Client }

// ValidateKey reports whether the key is accepted. An error means that this could not be found out.
//
// Route: GET /user.
func (s *UserService) ValidateKey(ctx context.Context) (bool, error) {
	_, err := s.Get(ctx)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, ErrUnauthorized):
		return false, nil
	default:
		return false, err
	}
}

// Credits is the owner's balance. One credit is one US dollar.
type Credits struct {
	// Available can be spent now.
	Available decimal.Decimal
	// Total and Used are counted since the account was opened; nil where the platform does not tell them.
	Total, Used *decimal.Decimal
}

// Transaction is one change of the balance.
type Transaction struct {
	ID string
	// Type is addition, usage or transfer.
	Type string
	// Amount is in credits, with the sign that the platform gives it; nil where it cannot be read.
	Amount      *decimal.Decimal
	Description string
	Status      string
	// AgentID and AgentName say which agent it was for; empty where the platform does not tell.
	AgentID, AgentName string
	// CreatedAt is nil where the platform does not tell it.
	CreatedAt *time.Time
}

// UnmarshalJSON reads a transaction row.
func (t *Transaction) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID          text   `json:"id"`
		Type        text   `json:"type"`
		Amount      amount `json:"amount"`
		Description text   `json:"description"`
		Status      text   `json:"status"`
		CreatedAt   moment `json:"createdAt"`
		payingFor
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	id, name := wire.agent()
	*t = Transaction{
		ID: string(wire.ID), Type: string(wire.Type), Amount: wire.Amount.pointer(),
		Description: string(wire.Description), Status: string(wire.Status), AgentID: id, AgentName: name,
		CreatedAt: wire.CreatedAt.pointer(),
	}
	return nil
}

// payingFor reads which agent a row is about. The platform's documentation names none of these fields for transactions;
// the forms are those that its other rows name agents in.
type payingFor struct {
	Agent          json.RawMessage `json:"agent"`
	AgentID        text            `json:"agentId"`
	SnakeAgentID   text            `json:"agent_id"`
	AgentName      text            `json:"agentName"`
	SnakeAgentName text            `json:"agent_name"`
}

func (p *payingFor) agent() (id, name string) {
	var nested struct {
		ID       text `json:"id"`
		Name     text `json:"name"`
		Username text `json:"username"`
	}
	if !readable(p.Agent, &nested) {
		_ = nested.Name.UnmarshalJSON(p.Agent) // a bare name; text never fails
	}
	return first(p.AgentID, p.SnakeAgentID, nested.ID), first(p.AgentName, p.SnakeAgentName, nested.Name, nested.Username)
}

// Get gives the owner's profile. It is also the way to find out whether a key is accepted.
//
// Route: GET /user.
func (s *UserService) Get(ctx context.Context) (*UserProfile, error) {
	o := s.client.operation(userGet)
	got, err := s.client.do(ctx, o, call{})
	if err != nil {
		return nil, err
	}
	profile := new(UserProfile)
	if err := decodeAnswer(o, got.body, profile); err != nil {
		return nil, err
	}
	if profile.ID == "" && profile.Email == "" && profile.Name == "" {
		return nil, unusable(o, "the answer holds no user")
	}
	return profile, nil
}

// Credits gives the owner's balance. Total and used are told by the 2025 route only.
//
// Routes: GET /balance (2026), GET /user/credits (2025).
func (s *UserService) Credits(ctx context.Context) (*Credits, error) {
	o := s.client.operation(creditsGet)
	got, err := s.client.do(ctx, o, call{})
	if err != nil {
		return nil, err
	}
	var wire struct {
		AvailableDollars amount `json:"availableDollars"`
		AvailableCredits amount `json:"availableCredits"`
		AvailableBalance amount `json:"availableBalance"`
		TotalCredits     amount `json:"totalCredits"`
		UsedCredits      amount `json:"usedCredits"`
	}
	if err := decodeAnswer(o, unwrap(got.body, "credits"), &wire); err != nil {
		return nil, err
	}
	credits := &Credits{Total: wire.TotalCredits.pointer(), Used: wire.UsedCredits.pointer()}
	switch {
	case wire.AvailableCredits.known:
		credits.Available = wire.AvailableCredits.value
	case wire.AvailableDollars.known:
		credits.Available = wire.AvailableDollars.value
	case wire.AvailableBalance.known:
		credits.Available = wire.AvailableBalance.value.Shift(nanoExponent)
	case wire.TotalCredits.known && wire.UsedCredits.known:
		credits.Available = wire.TotalCredits.value.Sub(wire.UsedCredits.value)
	default:
		return nil, unusable(o, "the answer holds no balance")
	}
	return credits, nil
}

// TransactionListOptions narrows [UserService.Transactions].
type TransactionListOptions struct {
	// Type keeps rows of one type: addition, usage or transfer; all when empty.
	Type string
	// Limit is the most rows of the page: 1 to 1000, 50 when 0.
	Limit int
	// Cursor is where the page starts, as [Page.Next] gave it.
	Cursor Cursor
}

// Transactions gives a page of the owner's transactions, newest first.
//
// Routes: GET /balance/transactions (2026), GET /user/transactions (2025).
func (s *UserService) Transactions(ctx context.Context, options TransactionListOptions) (Page[Transaction], error) {
	o := s.client.operation(transactionList)
	limit := pageLimit(options.Limit)
	query := pageQuery(limit, options.Cursor)
	if options.Type != "" {
		query += "&type=" + url.QueryEscape(options.Type)
	}
	got, err := s.client.do(ctx, o, call{query: query})
	if err != nil {
		return Page[Transaction]{}, err
	}
	rows, total, err := decodeList[Transaction](o, got, "transactions")
	if err != nil {
		return Page[Transaction]{}, err
	}
	page, err := newPage(o, rows, total, limit, options.Cursor.Offset, options.Cursor, transactionID)
	// The route of 2025 does not know types.
	page.Items = slices.DeleteFunc(page.Items, func(t Transaction) bool { return options.Type != "" && t.Type != options.Type })
	return page, err
}

// AllTransactions walks every transaction that options keep. It ends after the first error, which it yields.
func (s *UserService) AllTransactions(ctx context.Context, options TransactionListOptions) iter.Seq2[Transaction, error] {
	return all(ctx, func(ctx context.Context, from Cursor) (Page[Transaction], error) {
		options.Cursor = from
		return s.Transactions(ctx, options)
	})
}

func transactionID(t *Transaction) string { return t.ID }
