package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/doctor"
)

// diagnose runs the doctor and gives its findings, by check; of several of a kind the worst.
func diagnose(t *testing.T, environment map[string]string, arguments ...string) (found map[string]doctor.Finding, status int) {
	t.Helper()
	got := execute(t, environment, append([]string{"doctor", "--json"}, arguments...)...)
	var report struct {
		Healthy  bool
		Findings []doctor.Finding
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || report.Healthy != (got.status == 0) {
		t.Fatalf("%v: %+v", err, got)
	}
	found = map[string]doctor.Finding{}
	isFailed := func(finding doctor.Finding) bool { return finding.Status == doctor.Failed }
	if want := map[bool]int{true: exitFailed}[slices.ContainsFunc(report.Findings, isFailed)]; got.status != want || got.stderr != "" {
		t.Errorf("exit status %d, want %d, beside the findings %q: %s", got.status, want, got.stderr, got.stdout)
	}
	for _, finding := range report.Findings {
		if said := strings.ToLower(finding.Detail + finding.Fix); strings.Contains(said, "ask the user") || strings.Contains(said, "tell the user") {
			t.Errorf("this is for models: %+v", finding)
		}
		if (finding.Status == doctor.Failed || finding.Status == doctor.Warning) && finding.Fix == "" {
			t.Errorf("nothing is said to do about %+v", finding)
		}
		if known, ok := found[finding.Check]; !ok || known.Status == doctor.OK {
			found[finding.Check] = finding
		}
	}
	return found, got.status
}

func TestDoctorFindsTheSandboxWell(t *testing.T) {
	t.Parallel()
	found, status := diagnose(t, map[string]string{"HOME": t.TempDir()}, "--sandbox", "--sandbox-db", ":memory:")
	if status != 0 || found["account"].Detail != `the key is accepted; it is "Dana Demo"'s` || found["generation"].Detail != "the platform speaks that of 2026" {
		t.Errorf("%+v", found)
	}
	old, status := diagnose(t, map[string]string{"HOME": t.TempDir()}, "--sandbox", "--sandbox-db", ":memory:", "--sandbox-profile", "2025")
	if status != 0 || old["generation"].Detail != "the platform speaks that of 2025" {
		t.Errorf("%+v", old)
	}
}

// certificate makes a self-signed certificate.
func certificate(t *testing.T, host string, from, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Nobody Known"}}, NotBefore: from, NotAfter: until,
		IPAddresses: []net.IP{net.ParseIP(host)},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}
}

// A platform that is broken in each way is found out, in words that say which way it is.
func TestDoctorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	answer := func(status int, header, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set("Content-Type", "application/json")
			if name != "" {
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	now := time.Now()
	unencrypted := httptest.NewServer(answer(200, "", `{"status":"ok"}`))
	t.Cleanup(unencrypted.Close)
	encrypted := func(host string, until time.Time) string {
		server := httptest.NewUnstartedServer(answer(200, "", `{}`))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, host, now.Add(-2*time.Hour), until)}}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.URL
	}

	tests := map[string]struct {
		serve         http.HandlerFunc
		address       string
		environment   map[string]string
		check, detail string
		status        doctor.Status
	}{
		"refused":       {address: "http://127.0.0.1:1", check: "reached", detail: "unreachable", status: doctor.Failed},
		"unknown name":  {address: "https://platform.invalid", check: "name", detail: "platform.invalid", status: doctor.Failed},
		"unknown CA":    {address: encrypted("127.0.0.1", now.Add(time.Hour)), check: "tls", detail: "by Nobody Known, whom this machine does not trust", status: doctor.Failed},
		"no TLS":        {address: strings.Replace(unencrypted.URL, "http:", "https:", 1), check: "tls", detail: "does not speak TLS", status: doctor.Failed},
		"expired":       {address: encrypted("127.0.0.1", now.Add(-time.Hour)), check: "tls", detail: "has expired", status: doctor.Failed},
		"other name":    {address: encrypted("127.0.0.2", now.Add(time.Hour)), check: "tls", detail: "another name than 127.0.0.1", status: doctor.Failed},
		"TLS port shut": {address: "https://127.0.0.1:1", check: "tls", detail: "cannot be reached", status: doctor.Failed},
		"plain http":    {address: "http://platform.example", check: "platform", detail: "https", status: doctor.Failed},
		"no address":    {address: "::::", check: "platform", detail: "", status: doctor.Failed},
		"login page":    {serve: answer(200, "Content-Type: text/html", "<html>log in</html>"), check: "reached", detail: "", status: doctor.Failed},
		"redirect":      {serve: answer(302, "Location: https://elsewhere.example/", ""), check: "reached", detail: "redirect", status: doctor.Failed},
		"down":          {serve: answer(500, "", `{}`), check: "reached", detail: "500", status: doctor.Failed},
		"bad key": {
			serve: func(w http.ResponseWriter, r *http.Request) {
				status := 401
				if strings.HasSuffix(r.URL.Path, "/health") {
					status = 200
				}
				answer(status, "", `{}`)(w, r)
			}, check: "account", detail: "401", status: doctor.Failed,
		},
		"bad key on every route": {serve: answer(401, "", `{}`), check: "account", detail: "401", status: doctor.Failed},
		"no key": {
			serve: answer(200, "", `{}`), environment: map[string]string{"WEBAGENTS_API_KEY": ""}, check: "key", detail: "there is none", status: doctor.Failed,
		},
		"unexpanded key": {
			serve: answer(200, "", `{}`), environment: map[string]string{"WEBAGENTS_API_KEY": "${KEY}"}, check: "environment", detail: "WEBAGENTS_API_KEY holds an unexpanded", status: doctor.Failed,
		},
		"no authorities": {
			serve: answer(200, "", `{}`), environment: map[string]string{"SSL_CERT_FILE": "/absent"}, check: "authorities", detail: "cannot be read", status: doctor.Failed,
		},
		"proxy": {
			address: "https://platform.invalid", environment: map[string]string{"HTTPS_PROXY": "http://user:secret@proxy.example:3128"}, check: "proxy", detail: "through proxy.example:3128", status: doctor.OK,
		},
		"toolset": {
			serve: answer(200, "", `{}`), environment: map[string]string{"ROBUTLER_TOOLSETS": "agnts"}, check: "tools", detail: "agnts", status: doctor.Failed,
		},
		"setting": {
			serve: answer(200, "", `{}`), environment: map[string]string{"ROBUTLER_TIMEOUT": "soon"}, check: "settings", detail: "ROBUTLER_TIMEOUT", status: doctor.Failed,
		},
		"journal": {
			serve: answer(200, "", `{}`), environment: map[string]string{"ROBUTLER_JOURNAL": "/dev/null/journal.db"}, check: "journal", detail: "cannot be written", status: doctor.Failed,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := test.address
			if test.serve != nil {
				server := httptest.NewServer(test.serve)
				defer server.Close()
				address = server.URL
			}
			home := t.TempDir()
			environment := map[string]string{
				"HOME": home, "WEBAGENTS_API_KEY": "rok_" + strings.Repeat("c", 20), "ROBUTLER_API_URL": address,
				"ROBUTLER_MAX_RETRIES": "0", "ROBUTLER_JOURNAL": filepath.Join(home, "journal.db"),
			}
			maps.Copy(environment, test.environment)
			found, status := diagnose(t, environment)
			got := found[test.check]
			if got.Status != test.status || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("%+v", found)
			}
			if test.status == doctor.Failed && status != exitFailed {
				t.Errorf("exit status %d", status)
			}
			for _, finding := range found {
				if strings.Contains(finding.Detail+finding.Fix, "cccc") || strings.Contains(finding.Detail, "secret") {
					t.Errorf("a secret is shown: %+v", finding)
				}
			}
		})
	}
}

func TestDoctorLooksAtClients(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	environment := map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "x"), "APPDATA": filepath.Join(home, "x")}
	sandboxed := []string{"--sandbox", "--sandbox-db", ":memory:"}
	put := func(text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(home, ".cursor"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, ".cursor", "mcp.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want doctor.Status, words string) {
		t.Helper()
		found, status := diagnose(t, environment, sandboxed...)
		if got := found["client"]; got.Status != want || (status == exitFailed) != (want == doctor.Failed) || !strings.Contains(got.Detail, words) {
			t.Errorf("want %s, %q, got %+v", want, words, got)
		}
	}
	check(doctor.OK, "none on this machine")
	if got := execute(t, environment, append([]string{"config", "cursor", "--install"}, sandboxed...)...); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	check(doctor.OK, "Cursor starts this program")
	put(`{"mcpServers":{"robutler":{"command":"/absent/robutler-mcp"}}}`)
	check(doctor.Failed, "which is no program")
	other := "/bin/sh"
	if runtime.GOOS == "windows" {
		other = "cmd.exe"
	}
	put(`{"mcpServers":{"robutler":{"command":"` + other + `"}}}`)
	check(doctor.Warning, "starts another program")
	put(`{"mcpServers":`)
	check(doctor.Failed, "cannot be read")
	put(`{}`)
	if got := execute(t, environment, "config", "cursor", "--install"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	check(doctor.Failed, "holds no key yet")
}

// Who types nothing but "doctor" asks about what a client of this machine starts.
func TestDoctorTakesTheSettingsOfAClient(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	environment := map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "x"), "APPDATA": filepath.Join(home, "x")}
	install := func(arguments ...string) {
		t.Helper()
		if got := execute(t, environment, append([]string{"config", "cursor", "--install"}, arguments...)...); got.status != 0 {
			t.Fatalf("%+v", got)
		}
	}
	install("--sandbox", "--sandbox-db", ":memory:", "--toolsets", "agents,keys")
	if got := execute(t, environment, "doctor"); got.status != 0 || !strings.Contains(got.stdout, "those that Cursor starts this program with") ||
		!strings.Contains(got.stdout, "embedded, generation both") || !strings.Contains(got.stdout, "15 tools") {
		t.Errorf("%+v", got)
	}
	if found, _ := diagnose(t, environment, "--timeout", "9s"); found["key"].Status != doctor.Failed {
		t.Errorf("a flag asks about the command's own settings: %+v", found)
	}
	path := filepath.Join(home, ".cursor", "mcp.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "--sandbox-db", "--sandbox-bd", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, status := diagnose(t, environment); status == 0 || !strings.Contains(found["settings"].Detail, "Cursor starts this program with: unknown flag: --sandbox-bd") {
		t.Errorf("%+v", found)
	}
}

func TestDoctorAtATerminal(t *testing.T) {
	t.Parallel()
	for environment, colors := range map[string]bool{"": true, "NO_COLOR": false, "TERM": false} {
		settings := map[string]string{"HOME": t.TempDir()}
		settings[environment] = "dumb"
		got := executeWith(t, Streams{In: strings.NewReader(""), Environment: lookup(settings), OutTerminal: true}, "doctor", "--sandbox", "--sandbox-db", ":memory:")
		if got.status != 0 || strings.Contains(got.stdout, "\x1b[32m✓") != colors || !strings.Contains(got.stdout, "✓") {
			t.Errorf("%q: %+v", environment, got)
		}
	}
}
