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

// maxUsageTokens bounds the tokens of one record.
const maxUsageTokens = 1_000_000_000

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
		record := &usage[i]
		switch record.Type {
		case "llm":
			for _, n := range []int64{record.PromptTokens, record.CompletionTokens, record.CachedReadTokens} {
				if n < 0 || n > maxUsageTokens {
					return 0, badRequest("usage: a count of tokens is out of bounds")
				}
			}
			prompt, completion := modelPrice(record.Model)
			total += record.PromptTokens*prompt + record.CompletionTokens*completion + record.CachedReadTokens*(prompt/2)
		case "tool":
			if record.Pricing.Credits == nil {
				continue
			}
			nano, err := amount(record.Pricing.Credits)
			if err != nil {
				return 0, err
			}
			total += nano
		default:
			return 0, badRequest("usage: type must be llm or tool")
		}
		if total > math.MaxInt64/4 {
			return 0, badRequest("usage: it costs too much")
		}
	}
	return total, nil
}

func decimalText(nano int64) string { return strconv.FormatInt(nano, 10) }
