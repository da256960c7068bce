package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
)

//go:embed data/seed.json
var seedData []byte

// demoUserID is the user whom this platform's own key belongs to.
const demoUserID = "5f0c2a52-6f2b-5a86-9c6f-0f6f5b1d2a11"

// seedNamespace makes the ids of seeded rows: the same on every machine, so that documentation can name them.
const seedNamespace = "8a3c6d1e-4b7f-4e0a-9d52-7c1b2f3e4d5a"

func seedID(kind, name string) string {
	return uuid.NewSHA1(uuid.MustParse(seedNamespace), []byte(kind+":"+name)).String()
}

// seedFile is what data/seed.json holds.
type seedFile struct {
	Users []struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Email    string `json:"email"`
		Plan     string `json:"plan"`
		Referral string `json:"referral"`
		// Key is an API key of the user's own; the first user's is made by the platform.
		Key string `json:"key"`
	} `json:"users"`
	Agents []struct {
		Owner           string   `json:"owner"`
		Name            string   `json:"name"`
		Description     string   `json:"description"`
		Instructions    string   `json:"instructions"`
		Model           string   `json:"model"`
		Intents         []string `json:"intents"`
		Capabilities    []string `json:"capabilities"`
		Private         bool     `json:"private"`
		CreditsPerToken string   `json:"credits_per_token"`
		MinimumBalance  string   `json:"minimum_balance"`
		PricingPercent  string   `json:"pricing_percent"`
		Greeting        string   `json:"greeting"`
		Actions         []string `json:"actions"`
		DaysAgo         int      `json:"days_ago"`
	} `json:"agents"`
	Transactions []struct {
		Type        string `json:"type"`
		Amount      string `json:"amount"`
		Description string `json:"description"`
		Agent       string `json:"agent"`
		HoursAgo    int    `json:"hours_ago"`
	} `json:"transactions"`
	Files []struct {
		Name        string   `json:"name"`
		ContentType string   `json:"content_type"`
		Visibility  string   `json:"visibility"`
		Description string   `json:"description"`
		Tags        []string `json:"tags"`
		Text        string   `json:"text"`
		DaysAgo     int      `json:"days_ago"`
	} `json:"files"`
	Keys          []seedKey   `json:"keys"`
	PaymentTokens []seedToken `json:"payment_tokens"`
}

// seed fills an empty database, in one transaction: of several processes that start at once one does.
func (p *Platform) seed(ctx context.Context, encoded []byte) error {
	return p.inTransaction(ctx, func(tx *sql.Tx) error {
		var users int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&users); err != nil || users > 0 {
			return err
		}
		var data seedFile
		if err := json.Unmarshal(encoded, &data); err != nil {
			return fmt.Errorf("read seed data: %w", err)
		}
		if len(data.Users) == 0 {
			return errors.New("read seed data: it has no users; the first one is whom the key belongs to")
		}
		data.Users[0].ID = demoUserID
		now := p.now()
		if _, err := tx.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES ('agent_key_secret', ?)", rand.Text()+rand.Text()); err != nil {
			return fmt.Errorf("make the agents' secret: %w", err)
		}
		for _, step := range []func(context.Context, *sql.Tx, *seedFile, time.Time) error{
			p.seedUsers, p.seedAgents, seedTransactions, p.seedContent, seedKeys, seedPayments,
		} {
			if err := step(ctx, tx, &data, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *Platform) seedUsers(ctx context.Context, tx *sql.Tx, data *seedFile, now time.Time) error {
	for _, u := range data.Users {
		id := u.ID
		if id == "" {
			id = seedID("user", u.Email)
		}
		if _, err := tx.ExecContext(ctx,
			"INSERT INTO users (id, name, email, role, plan_name, referral_code, created_at) VALUES (?, ?, ?, 'user', ?, ?, ?)",
			id, u.Name, u.Email, u.Plan, u.Referral, now.AddDate(0, 0, -90).UnixMilli()); err != nil {
			return fmt.Errorf("insert user: %w", err)
		}
		if u.Key == "" {
			continue
		}
		if !isKey(u.Key) {
			return fmt.Errorf("read seed data: the key of %s is none", u.Email)
		}
		if _, err := p.storeKey(ctx, tx, u.Key, id, "", "seeded"); err != nil {
			return err
		}
	}
	return nil
}

func (p *Platform) seedAgents(ctx context.Context, tx *sql.Tx, data *seedFile, now time.Time) error {
	for _, a := range data.Agents {
		at := now.AddDate(0, 0, -a.DaysAgo).UnixMilli()
		seeded := &agent{
			id: seedID("agent", a.Name), userID: demoUserID, name: a.Name, description: a.Description,
			instructions: a.Instructions, model: a.Model, intents: a.Intents, capabilities: a.Capabilities,
			isPublic: !a.Private, canTalk: true, othersTalk: !a.Private, greeting: a.Greeting,
			suggestedActions: a.Actions, createdAt: at, updatedAt: at,
			pricingPercent: sql.NullString{String: a.PricingPercent, Valid: a.PricingPercent != ""},
		}
		if a.Owner != "" {
			seeded.userID = seedID("user", a.Owner)
		}
		var err error
		if seeded.creditsPerToken, err = seedPrice(a.CreditsPerToken); err != nil {
			return err
		}
		if seeded.minimum, err = seedPrice(a.MinimumBalance); err != nil {
			return err
		}
		if err := insertAgent(ctx, tx, seeded); err != nil {
			return err
		}
		key, err := agentKeyOf(ctx, tx, seeded.id)
		if err != nil {
			return err
		}
		if _, err := p.storeKey(ctx, tx, key, seeded.userID, seeded.id, seeded.name); err != nil {
			return err
		}
	}
	return nil
}

func seedPrice(text string) (sql.NullInt64, error) {
	if text == "" {
		return sql.NullInt64{}, nil
	}
	nano, err := parseCredits(text)
	if err != nil {
		return sql.NullInt64{}, fmt.Errorf("read seed price %q: %w", text, err)
	}
	return sql.NullInt64{Int64: nano, Valid: true}, nil
}

func seedTransactions(ctx context.Context, tx *sql.Tx, data *seedFile, now time.Time) error {
	for i, t := range data.Transactions {
		nano, err := parseCredits(t.Amount)
		if err != nil {
			return fmt.Errorf("read seed amount %q: %w", t.Amount, err)
		}
		if t.Type != "addition" {
			nano = -nano
		}
		var agent chargedAgent
		if t.Agent != "" {
			agent = chargedAgent{seedID("agent", t.Agent), t.Agent}
		}
		if err := post(ctx, tx, entry{
			id: seedID("transaction", strconv.Itoa(i)), kind: t.Type, description: t.Description, source: "seed",
			agent: agent, at: now.Add(-time.Duration(t.HoursAgo) * time.Hour).UnixMilli(),
			moves: []move{{externalAccount, -nano}, {userAccount(demoUserID), nano}},
		}); err != nil {
			return err
		}
	}
	return nil
}

// seedContent writes the files' bytes before their rows; an interrupted start writes them again.
func (p *Platform) seedContent(ctx context.Context, tx *sql.Tx, data *seedFile, now time.Time) error {
	for _, f := range data.Files {
		hash := sha256.Sum256([]byte(f.Text))
		stored := &file{
			id: seedID("file", f.Name), userID: demoUserID, name: f.Name, contentType: f.ContentType, size: int64(len(f.Text)),
			sha256: hash[:], visibility: f.Visibility, description: f.Description, tags: f.Tags,
			createdAt: now.AddDate(0, 0, -f.DaysAgo).UnixMilli(),
		}
		target, err := p.files.create(stored.id)
		if err != nil {
			return fmt.Errorf("write seed file: %w", err)
		}
		_, writeErr := io.WriteString(target, f.Text)
		if err := target.Close(); err != nil || writeErr != nil {
			return fmt.Errorf("write seed file %s: %w, %w", f.Name, writeErr, err)
		}
		if err := insertFile(ctx, tx, stored); err != nil {
			return err
		}
	}
	return nil
}
