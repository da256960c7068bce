package hostile

import (
	"strings"
	"testing"
)

// threat is a row of the threat table: what is tried here against the binary, and the tests next to the code.
type threat struct {
	name, limit string
	// probe tries it here; nil when the code's own tests are all there is.
	probe func(t *testing.T) string
	// tests are those next to the code, each as the folder of its package, a dot and its function.
	tests []string
}

// TestThreats goes through the threat table, T1 to T24, and prints what each row measured. Tests that it names must
// exist, so that it cannot rot.
func TestThreats(t *testing.T) {
	platform := openGateway(t)
	var rows []row
	for _, one := range threats(platform) {
		rows = append(rows, row{fault: one.name, limit: one.limit, also: strings.Join(one.tests, " "), probe: func(t *testing.T, _ string) string {
			exist(t, one.tests)
			if one.probe == nil {
				return "tested next to the code"
			}
			return one.probe(t)
		}})
	}
	checkNumbers(t, rows)
	try(t, "Threats", rows)
}

// checkNumbers fails unless every threat is in the table.
func checkNumbers(t *testing.T, rows []row) {
	t.Helper()
	for number := range strings.FieldsSeq("T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16 T17 T18 T19 T20 T21 T22 T23 T24") {
		found := false
		for _, r := range rows {
			found = found || strings.HasPrefix(r.fault, number+" ")
		}
		if !found {
			t.Errorf("%s is in no row", number)
		}
	}
}

func threats(g *gateway) []threat {
	with := func(probe func(*testing.T, *gateway) string) func(*testing.T) string {
		return func(t *testing.T) string { return probe(t, g) }
	}
	return []threat{
		{"T1 injection in others' text", "0 invisible characters, no new keys", poisoned, []string{"tools.TestStripInvisible", "tools.FuzzStripInvisible", "tools.TestOthersTextIsLabeled", "tools.TestOthersWordsAreMarked", "internal/server.TestValuesStayInTheirPlace"}},
		{"T2 tools that change", "the list is the same, always", with(sameList), []string{"internal/cli.TestGoldenToolsList", "tools.TestGoldenCatalog", "tools.TestDescriptionsReadWell", "tools.TestListIsTheSameEveryTime"}},
		{"T3 confused deputy", "no caller sees another's", nil, []string{"internal/cli.TestTwoCallers", "internal/cli.TestAccountsAreApart", "internal/consent.TestCallersAreApart"}},
		{"T4 token passthrough", "0 upstream requests bear it", nil, []string{"internal/cli.TestTwoCallers", "internal/auth.TestGoodTokens"}},
		{"T5 DNS rebinding and CSRF", "403 for all that is foreign", with(foreignPages), []string{"internal/server.TestGuardStandsBeforeEveryRoute", "internal/server.TestGuardRefusesForeignPagesWithoutOrigin", "internal/server.TestSSEDriveByIsClosed"}},
		{"T6 HTTP open to others", "refuses to start, status 2", startsAlone, nil},
		{"T7 SSRF by the base URL", "https unless loopback", baseURLs, []string{"client.TestOptionsAreChecked", "client.TestNothingGoesToARedirectsTarget"}},
		{"T8 paths of uploads", "0 bytes from outside", with(uploadPaths), []string{"tools.TestUploads"}},
		{"T9 names of files", "one part, no header", with(fileNames), nil},
		{"T10 paths in ids", "0 requests to other routes", with(pathsInIDs), []string{"client.FuzzIdentifiers", "client.TestArgumentsAreRefusedBeforeSending"}},
		{"T11 secrets that leak", "0 in logs, errors and results", with(secretsStayIn), []string{"client.TestSecretsDoNotPrint", "client.TestNoSecretHidesInAnError", "client.TestLogHoldsNoSecret", "internal/config.TestSecretsNeverPrint", "internal/telemetry.TestNoSecretPassesThroughTheLog", "internal/consent.TestSecretsAreNotKept", "tools.TestSecretsAreNotKept"}},
		{"T12 money without consent", "0 payments of 500 attacks", nil, []string{"internal/consent.TestFiveHundredAttacksMoveNothing", "internal/consent.TestReplayedHandlesMoveNothing", "internal/server.TestForgedAnswersDoNothing", "internal/consent.TestSealRefusesEveryAlteration"}},
		{"T13 keys that may too much", "scopes deny, and say what is missing", nil, []string{"internal/auth.TestScopesDenyAndSayHowToGetMore", "internal/server.TestHeadersNarrow"}},
		{"T14 hijacked sessions and handles", "404; see the rows on sessions", nil, []string{"e2e/hostile.TestClientFaults", "internal/server.TestHTTPDeletedSessionIsGone", "internal/server.TestHTTPClientsCannotCancelEachOther", "internal/consent.TestSealHoldsToItsTerms"}},
		{"T15 log injection", "one record a line", with(logInjection), nil},
		{"T16 exfiltration chain", "asked, though --confirm off", with(exfiltration), []string{"internal/consent.TestOffAsksAfterUntrustedText", "internal/server.TestUntrustedTextIsRemembered"}},
		{"T17 deep and wide JSON", "refused in 1 s, +128 MiB", with(deepJSON), []string{"schema.TestHostileCallsAreCheap", "schema.FuzzParse"}},
		{"T17 a flood", "99 of 100 pings in 100 ms", with(flooded), nil},
		{"T18 JSON that readers read differently", "see the rows on keys and headers", nil, []string{"e2e/hostile.TestClientFaults", "schema.TestBindAgreesWithAValidator", "schema.FuzzBind"}},
		{"T19 confused tokens", "forged tokens are refused", nil, []string{"internal/auth.TestForgedTokens", "internal/auth.TestIssuersThatAreRefused", "internal/auth.TestDiscoveryIsPinned", "internal/auth.TestKeysRotate"}},
		{"T20 amounts that trick", "0 payments", with(badAmounts), []string{"tools.TestBadAmounts", "tools.TestAmountsAreExact", "client.TestAmounts"}},
		{"T21 supply chain", "two builds byte by byte", twoBuilds, nil},
		{"T22 secrets on the command line and disk", "0 in /proc, 0644 refused", with(secretsOnDisk), []string{"internal/config.TestKey"}},
		{"T23 gaps in the audit", "every change is found", with(auditTampered), []string{"internal/consent.TestVerifyAuditFindsTampering", "internal/consent.TestAuditTrail", "internal/consent.TestNoAuditNoCall"}},
		{"T24 caches across callers", "private, never another's", with(cachesArePrivate), []string{"internal/cli.TestTwoCallers", "internal/server.TestListHasCacheHints"}},
	}
}
