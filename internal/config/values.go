package config

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/spf13/pflag"
)

// Choices gives the values of a setting that takes one of a few; none where it takes others.
func Choices(setting string) []string {
	switch setting {
	case "auth":
		return []string{AuthNone, AuthPassthrough, AuthOIDC}
	case "confirm":
		return []string{"auto", "always", off}
	case "log-format":
		return []string{"text", "json"}
	case "log-level":
		return []string{"debug", "info", "warn", "error"}
	case "sandbox-profile":
		return []string{"2025", "2026", "both"}
	default:
		return nil
	}
}

// checkText refuses a value that the text of a setting cannot have, where that can be told without using it.
func checkText(setting, text string) error {
	choices := Choices(setting)
	for _, choice := range choices {
		if strings.EqualFold(choice, text) { // whether capitals matter is for the setting to say
			return nil
		}
	}
	if choices != nil {
		return fmt.Errorf("%q is none of %s", text, strings.Join(choices, ", "))
	}
	if isAmount(setting) {
		if amount, err := decimal.NewFromString(text); err != nil || amount.IsNegative() {
			return fmt.Errorf("%q is no amount of credits, such as 2.50", text)
		}
	}
	return nil
}

// isAmount reports whether a setting is an amount of credits.
func isAmount(setting string) bool {
	return setting == "max-spend-per-call" || setting == "max-spend-per-day"
}

// lookup finds the flag of a setting, whichever command has it.
func lookup(all []*pflag.FlagSet, setting string) *pflag.Flag {
	for _, flags := range all {
		if flag := flags.Lookup(setting); flag != nil && settable(flag) {
			return flag
		}
	}
	return nil
}
