package hostile

import (
	"strings"
	"testing"
)

// elsewhereRows are about what cannot be provoked from outside a process: their tests are next to the code. Each names
// its tests, which must exist.
func elsewhereRows() []row {
	named := map[string][]string{
		"SIGKILL at every point of the journal": {
			"internal/consent.TestCrashLeavesAnUnknownOutcome", "internal/consent.TestKillLeavesAnUnknownOutcome", "internal/chaos.TestMoneyIsSafeWhateverBreaks",
		},
		"time jumps backwards": {
			"internal/consent.TestHandleTime", "internal/consent.TestSealHoldsToItsTerms", "client.TestTheClocksMayDiffer", "client.TestClockBoundsNarrow",
		},
		"a result that cannot be encoded":    {"internal/server.TestResultsMustBeObjects"},
		"a tool panics":                      {"internal/server.TestCallGoesTheSameWay", "internal/server.TestReferenceOfAPanicIsInTheLog"},
		"the journal is locked or read-only": {"internal/consent.TestNoJournalNoCall", "internal/consent.TestOutcomeThatCannotBeWritten"},
	}
	var rows []row
	for fault, tests := range named {
		rows = append(rows, row{fault: fault, limit: "holds", also: strings.Join(tests, " "), probe: func(t *testing.T, _ string) string {
			exist(t, tests)
			return "tested next to the code"
		}})
	}
	return rows
}
