package client

import (
	"encoding/json"
	"testing"
	"time"
)

func TestAgentReadsEveryForm(t *testing.T) {
	t.Parallel()
	full := `{"id":"7","name":"n","instructions":"i","model":"m","intents":["a",2,null],"canTalkToOtherAgents":true,
		"otherAgentsCanTalk":"true","creditsPerToken":"0.00001","minimumBalance":1.5,"agentPricingPercent":"12",
		"isPublic":1,"description":"d","avatarUrl":"u","greetingMessage":"g","suggestedActions":null,
		"greetingImageMobile":"gm","greetingImageDesktop":"gd","skills":{"s":{"x":1}},"apiKey":"enc",
		"createdAt":"2026-01-02T03:04:05Z","updatedAt":1767323045}`
	for _, form := range []string{full, `{"agent":` + full + `,"config":{}}`} {
		var agent Agent
		if err := json.Unmarshal([]byte(form), &agent); err != nil {
			t.Fatal(err)
		}
		if agent.ID != "7" || agent.Name != "n" || !agent.CanUseOtherAgents || !agent.OtherAgentsCanTalk || !agent.IsPublic {
			t.Errorf("agent = %+v", agent)
		}
		if len(agent.Intents) != 2 || agent.Intents[1] != "2" || agent.SuggestedActions == nil || agent.Capabilities == nil {
			t.Errorf("lists = %+v", agent)
		}
		if agent.CreditsPerToken.String() != "0.00001" || agent.MinimumBalance.String() != "1.5" || agent.AgentPricingPercent.String() != "12" {
			t.Errorf("prices = %v %v %v", agent.CreditsPerToken, agent.MinimumBalance, agent.AgentPricingPercent)
		}
		if agent.Skills["s"] == nil || agent.APIKeyEncrypted != "enc" || agent.GreetingImageDesktop != "gd" {
			t.Errorf("rest = %+v", agent)
		}
		want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		if !agent.CreatedAt.Equal(want) || !agent.UpdatedAt.Equal(want) {
			t.Errorf("times = %v %v", agent.CreatedAt, agent.UpdatedAt)
		}
	}
}

// TestAnAgentMayBeNested reads agents that stand under their name, and what only looks like that.
func TestAnAgentMayBeNested(t *testing.T) {
	t.Parallel()
	for form, want := range map[string][2]string{
		`{"agent":{"id":"7"}}`:                              {"7", ""},
		`{"id":"8","name":"n","agent":{"id":"7"}}`:          {"7", ""},
		`{"agent":{"id":"7"},"id":"8","name":"n"}`:          {"7", ""},
		`{"agent":{"id":"7"},"agent":{"id":"9"}}`:           {"9", ""},
		`{"\u0061gent":{"id":"7"},"id":"8"}`:                {"7", ""},
		`{"agent":{"id":"7","agent":{"id":"9"}}}`:           {"7", ""},
		`{"Agent":{"id":"7"},"id":"8"}`:                     {"8", ""},
		`{"agent":{"id":"7"},"agent":"x","id":"8"}`:         {"8", ""},
		`{"id":"8","agent":null,"name":"n"}`:                {"8", "n"},
		`{"id":"8","agents":{"id":"7"},"name":"\"agent\""}`: {"8", `"agent"`},
	} {
		var agent Agent
		if err := json.Unmarshal([]byte(form), &agent); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		if got := [2]string{agent.ID, agent.Name}; got != want {
			t.Errorf("%s: %q, want %q", form, got, want)
		}
	}
}

func TestTransactionsNameTheirAgent(t *testing.T) {
	t.Parallel()
	for row, want := range map[string][2]string{
		`{"agentId":"7","agentName":"n"}`:                           {"7", "n"},
		`{"agent_id":7,"agent_name":"n"}`:                           {"7", "n"},
		`{"agent":{"id":"7","name":"n"}}`:                           {"7", "n"},
		`{"agent":{"id":7,"username":"n"}}`:                         {"7", "n"},
		`{"agent":"n"}`:                                             {"", "n"},
		`{"agent":"n","agentId":"7"}`:                               {"7", "n"},
		`{"agentId":"7","agent":{"id":"8","name":"n"}}`:             {"7", "n"},
		`{"agent":null,"agentId":null}`:                             {"", ""},
		`{"agent":["n"],"agentId":{"x":1},"agentName":["hostile"]}`: {"", ""},
		`{}`: {"", ""},
	} {
		var transaction Transaction
		if err := json.Unmarshal([]byte(row), &transaction); err != nil {
			t.Errorf("%s: %v", row, err)
		}
		if got := [2]string{transaction.AgentID, transaction.AgentName}; got != want {
			t.Errorf("%s: %q, want %q", row, got, want)
		}
	}
}

func TestUnreadableValuesAreAbsent(t *testing.T) {
	t.Parallel()
	var agent Agent
	hostile := `{"id":"7","creditsPerToken":"NaN","minimumBalance":1e400,"agentPricingPercent":{"a":1},"intents":"x",
		"skills":[1],"createdAt":"soon","isPublic":[],"description":{"a":1}}`
	if err := json.Unmarshal([]byte(hostile), &agent); err != nil {
		t.Fatal(err)
	}
	if agent.CreditsPerToken != nil || agent.MinimumBalance != nil || agent.AgentPricingPercent != nil || agent.Skills != nil ||
		agent.CreatedAt != nil || agent.IsPublic || agent.Description != "" || len(agent.Intents) != 0 {
		t.Errorf("agent = %+v", agent)
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "87.4215": "87.4215", "-0.000000001": "-0.000000001", "1e-9": "0.000000001", "9007199254740993.123456789": "9007199254740993.123456789",
	} {
		got, err := parseAmount(text)
		if err != nil || got.String() != want {
			t.Errorf("parseAmount(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "NaN", "Infinity", "0x10", "1e999999999", "1_000", "\u0661", "--1", "1.2.3"} {
		if got, err := parseAmount(text); err == nil {
			t.Errorf("parseAmount(%q) = %v", text, got)
		}
	}
}

func TestContentFileReadsEveryForm(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]ContentFile{
		`{"id":"1","originalFileName":"a.txt","fileName":"x","size":"12","url":"u","uploadedAt":"2026-01-02"}`: {ID: "1", Name: "a.txt", Size: 12},
		`{"file":{"id":"1","fileName":"a.txt","size":12,"visibility":"public"}}`:                               {ID: "1", Name: "a.txt", Size: 12, Visibility: "public"},
		`{"id":"1","displayName":"a.txt","mimeType":"text/plain","contentType":"file","size":12.0}`:            {ID: "1", Name: "a.txt", Size: 12, ContentType: "text/plain"},
	} {
		var got ContentFile
		if err := json.Unmarshal([]byte(form), &got); err != nil {
			t.Fatal(err)
		}
		if got.ID != want.ID || got.Name != want.Name || got.Size != want.Size || got.Visibility != want.Visibility || got.ContentType != want.ContentType {
			t.Errorf("%s = %+v", form, got)
		}
	}
	for size, want := range map[int64]string{0: "0B", 1024: "1024B", 1025: "1KB", 1 << 20: "1024KB", 1<<20 + 1: "1.0MB", 3565158: "3.4MB"} {
		if got := (&ContentFile{Size: size}).SizeFormatted(); got != want {
			t.Errorf("size %d = %s, want %s", size, got, want)
		}
	}
}

func TestProfileAndKeys(t *testing.T) {
	t.Parallel()
	var user UserProfile
	if err := json.Unmarshal([]byte(`{"user":{"id":"1","name":"Ada","email":"a@example.com","planName":"Pro","totalCredits":"100.5","usedCredits":0.25,"referralCode":"r"}}`), &user); err != nil {
		t.Fatal(err)
	}
	if user.Role != "user" || user.AvailableCredits.String() != "100.25" || user.PlanName != "Pro" {
		t.Errorf("user = %+v", user)
	}
	if err := json.Unmarshal([]byte(`{"username":"ada","id":"1"}`), &user); err != nil || user.AvailableCredits != nil || user.Name != "ada" {
		t.Errorf("user = %+v, %v", user, err)
	}
	var key APIKey
	if err := json.Unmarshal([]byte(`{"id":"k","name":"n","keyPrefix":"rok_ab","created_at":"2026-01-02T00:00:00Z","lastUsed":null}`), &key); err != nil {
		t.Fatal(err)
	}
	if !key.IsActive || key.CreatedAt == nil || key.LastUsedAt != nil || key.Prefix != "rok_ab" {
		t.Errorf("key = %+v", key)
	}
}

// FuzzDecoders feeds every decoder the same bytes: none may panic, and what a decoder takes must have usable amounts.
func FuzzDecoders(f *testing.F) {
	for _, seed := range []string{
		`{"agent":{"id":1,"creditsPerToken":"1e9"}}`, `{"user":{"totalCredits":1e400}}`, `{"agents":[null,{},[]]}`, `[]`, `null`,
		`{"id":9007199254740993,"createdAt":99999999999999999999,"amount":-0}`, `{"file":{"size":-1}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		for _, into := range []json.Unmarshaler{
			new(Agent), new(AgentMatch), new(ContentFile), new(UserProfile), new(Transaction), new(APIKey),
		} {
			_ = json.Unmarshal(data, into)
		}
		var agent Agent
		if json.Unmarshal(data, &agent) == nil && agent.CreditsPerToken != nil && len(agent.CreditsPerToken.String()) > 4*maxAmountLength {
			panic("an amount of " + agent.CreditsPerToken.String())
		}
	})
}

// FuzzIdentifiers checks that no identifier that is taken can leave its path segment.
func FuzzIdentifiers(f *testing.F) {
	for _, seed := range []string{"a", "..", "a/b", "a%2fb", "a?b", "\x00", "owner.local", "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		path, err := expandPath("/agents/{agent}/api-key", map[string]string{"agent": id})
		if err != nil {
			return
		}
		if path != "/agents/"+id+"/api-key" || id == "." || id == ".." {
			t.Errorf("path = %q", path)
		}
	})
}
