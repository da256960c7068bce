package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

// completed presses the tab key behind the last argument. It gives what is offered, without descriptions, and how.
func completed(t *testing.T, environment map[string]string, arguments ...string) (offered []string, directive string) {
	t.Helper()
	got := execute(t, environment, append([]string{cobra.ShellCompNoDescRequestCmd}, arguments...)...)
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	if got.status != 0 {
		t.Fatalf("%v: %+v", arguments, got)
	}
	return lines[:len(lines)-1], strings.TrimPrefix(lines[len(lines)-1], ":")
}

func TestFlagValuesAreCompleted(t *testing.T) {
	t.Parallel()
	settings := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(settings, []byte("profiles: {play: {sandbox: true}, work: {}, works: {}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const files, noFiles, list, extensions, folders = "0", "4", "6", "8", "16"
	for line, c := range map[string]struct{ want, directive string }{
		"call --output ":                                  {"text json", noFiles},
		"call get_credits -o t":                           {"text", noFiles},
		"http --auth ":                                    {"none passthrough oidc", noFiles},
		"http --auth=pass":                                {"passthrough", noFiles},
		"stdio --log-level ":                              {"debug info warn error", noFiles},
		"--log-level w":                                   {"warn", noFiles},
		"sandbox --log-format ":                           {"text json", noFiles},
		"journal verify --sandbox-profile ":               {"2025 2026 both", noFiles},
		"config cursor --confirm a":                       {"auto always", noFiles},
		"tools --toolsets a":                              {"all all:ro agents agents:ro account account:ro", list},
		"tools --toolsets agents,con":                     {"agents,content agents,content:ro", list},
		"tools --toolsets agents,agents":                  {"agents,agents:ro", list},
		"tools --tools get_c":                             {"get_credits", list},
		"stdio --exclude-tools get_user,get_c":            {"get_user,get_credits", list},
		"doctor --exclude-tools settle_x":                 {"settle_x402_payment", list},
		"call --config " + settings + " --profile ":       {"play work works", noFiles},
		"doctor --config=" + settings + " --profile work": {"work works", noFiles},
		"doctor --profile ":                               {"", noFiles},
		"doctor --config /no/such/file --profile ":        {"", noFiles},
		"stdio --config ":                                 {"yaml yml", extensions},
		"stdio --upload-root ":                            {"", folders},
		"stdio --api-key-file ":                           {"", files},
		"stdio --sandbox-db ":                             {"", files},
		"stdio --base-url ":                               {"", noFiles},
		"call get_credits --args ":                        {"", noFiles},
		"http --rate-limit read=1,":                       {"read=1,write= read=1,money=", list},
		"http --oidc-scopes ":                             {"read= write= secret= money= off", list},
		"journal settle x ":                               {"succeeded rejected", noFiles},
		"journal settle ":                                 {"", noFiles},
		"completion ":                                     {"bash zsh fish powershell", noFiles},
		"help version ":                                   {"", noFiles},
		"help journal ":                                   {"settle verify", noFiles},
		"compl":                                           {"completion", noFiles},
		"http --rate-limit money=1,read=1,":               {"money=1,read=1,write=", list},
		"call --json --outp":                              {"--output", noFiles},
	} {
		offered, directive := completed(t, nil, strings.Split(line, " ")...)
		if got := strings.Join(offered, " "); got != c.want || directive != c.directive {
			t.Errorf("%s<tab>: %q with %s, not %q with %s", line, got, directive, c.want, c.directive)
		}
	}
	offered, _ := completed(t, map[string]string{"ROBUTLER_CONFIG": settings}, "call", "--profile", "p")
	if !slices.Equal(offered, []string{"play"}) {
		t.Errorf("%q", offered)
	}
}

// TestCompletedValuesAreTaken: whatever is offered for a flag is right, and the flag takes nothing else.
func TestCompletedValuesAreTaken(t *testing.T) {
	t.Parallel()
	for name, values := range enumerations() {
		arguments := []string{"call", "get_credits", "--sandbox", "--sandbox-db", ":memory:"}
		if name == "auth" {
			arguments = []string{"http", "--sandbox", "--sandbox-db", ":memory:", "--addr", "nowhere"} // it ends at once
		}
		for _, value := range append(values, "nonsense") {
			value, _, _ = strings.Cut(value, "\t")
			got := execute(t, nil, append(arguments, "--"+name, value)...)
			refused := strings.Contains(got.stderr, `"`+value+`" is n`)
			if refused != (value == "nonsense") || (name != "auth" && !refused && got.status != 0) {
				t.Errorf("--%s %s: %+v", name, value, got)
			}
		}
	}
}

// TestEveryEnumerationIsOfSomeFlag finds a name that no command has any more.
func TestEveryEnumerationIsOfSomeFlag(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, command := range everyCommand(t) {
		command.Flags().VisitAll(func(flag *pflag.Flag) { found[flag.Name] = true })
	}
	for name := range enumerations() {
		if !found[name] {
			t.Errorf("no command has --%s", name)
		}
	}
}

// What a shell offers for a setting is what a file of settings may say.
func TestCompletionOffersWhatSettingsTake(t *testing.T) {
	t.Parallel()
	for name, values := range enumerations() {
		var offered []string
		for _, value := range values {
			word, _, _ := strings.Cut(value, "\t")
			offered = append(offered, word)
		}
		if choices := config.Choices(name); name != "output" && !slices.Equal(offered, choices) { // that is a flag alone
			t.Errorf("%s: %q is offered, %q is taken", name, offered, choices)
		}
	}
}
