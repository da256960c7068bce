package sandbox

import (
	"encoding/json"
	"math"
	"strconv"
)

// usageRecord is raw usage. The names are snake case; others are not read, as on the real platform.
type usageRecord struct {
	Type             string `json:"type"`
	Model            string `json:"model"`
	PromptTokens     int64  `json:"prompt_tokens"`
	CompletionTokens int64  `json:"completion_tokens"`
	CachedReadTokens int64  `json:"cached_read_tokens"`
	ToolName         string `json:"tool_name"`
	Pricing          struct {
		Credits json.RawMessage `json:"credits"`
	} `json:"pricing"`
}

// maxUsageTokens bounds the tokens of one record, and maxUsagePrice what the records of a settlement cost together.
const (
	maxUsageTokens = 1_000_000_000
	maxUsagePrice  = math.MaxInt64 / 4
)

// modelPrice gives what a token of a model costs, in billionths of a credit.
func modelPrice(model string) (prompt, completion int64) {
	switch model {
	case "gpt-4o-mini":
		return 150, 600
	case "gpt-4o":
		return 2500, 10000
	default:
		return 1000, 3000
	}
}

// priceOf prices usage, in billionths of a credit. Cached tokens cost half.
func priceOf(usage []usageRecord) (int64, error) {
	total := int64(0)
	for i := range usage {
		nano, err := usage[i].price()
		if err != nil {
			return 0, err
		}
		// Checked before the addition, which would wrap around.
		if nano < 0 || nano > maxUsagePrice-total {
			return 0, badRequest("usage: it costs too much")
		}
		total += nano
	}
	return total, nil
}

func (u *usageRecord) price() (int64, error) {
	switch u.Type {
	case "llm":
		for _, n := range []int64{u.PromptTokens, u.CompletionTokens, u.CachedReadTokens} {
			if n < 0 || n > maxUsageTokens {
				return 0, badRequest("usage: a count of tokens is out of bounds")
			}
		}
		prompt, completion := modelPrice(u.Model)
		return u.PromptTokens*prompt + u.CompletionTokens*completion + u.CachedReadTokens*(prompt/2), nil
	case "tool":
		if u.Pricing.Credits == nil {
			return 0, nil
		}
		return amount(u.Pricing.Credits)
	default:
		return 0, badRequest("usage: type must be llm or tool")
	}
}

// priceOfTokens is what tokens cost, or all that is available if that is less. No product is made that could wrap around.
func priceOfTokens(tokens, each, available int64) int64 {
	if tokens <= 0 || each <= 0 {
		return 0
	}
	if each > available/tokens {
		return available
	}
	return tokens * each
}

func decimalText(nano int64) string { return strconv.FormatInt(nano, 10) }
