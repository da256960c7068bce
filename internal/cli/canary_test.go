package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

// scene is one run of the program against a hostile platform, and all that it leaves behind.
type scene struct {
	t       *testing.T
	hostile *hostile
	folder  string
	// stderr is what it says beside the protocol, and shown what its clients get.
	stderr *announced
	shown  *strings.Builder
	stdout *lockedBuffer
	// exported is what the collector of traces was sent, and scraped what the metrics were.
	exported *lockedBuffer
	scraped  string
	answered int
	made     int
}

type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func newScene(t *testing.T, reply string) *scene {
	t.Helper()
	status, _ := strconv.Atoi(reply)
	return &scene{
		t: t, hostile: startHostile(t, reply, status), folder: t.TempDir(), shown: &strings.Builder{}, stdout: &lockedBuffer{}, exported: &lockedBuffer{},
		stderr: &announced{wanted: "\x00", found: make(chan struct{})},
	}
}

// arguments are those of a run that tells all that it can.
func (s *scene) arguments(command ...string) []string {
	return append(command, "--toolsets", "all", "--max-retries", "0", "--log-level", "debug", "--log-format", "json",
		"--log-file", filepath.Join(s.folder, "log"), "--journal", filepath.Join(s.folder, "journal.db"),
		"--max-spend-per-call", "1000", "--max-spend-per-day", "10000")
}

func (s *scene) streams(in io.Reader, out io.Writer) Streams {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(s.exported, r.Body) }))
	s.t.Cleanup(collector.Close)
	return Streams{In: in, Out: io.MultiWriter(out, s.stdout), Err: s.stderr, Program: "robutler-mcp", Environment: lookup(map[string]string{
		"WEBAGENTS_API_KEY": s.hostile.key, "ROBUTLER_API_URL": s.hostile.URL, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL,
		"OTEL_EXPORTER_OTLP_HEADERS": "api-key=" + canaryOTLP,
	})}
}

// serving are the flags that only a server has.
var serving = []string{"--traces", "--metrics-addr", "127.0.0.1:0", "--pprof-addr", "127.0.0.1:0"}

var metricsAddress = regexp.MustCompile(`http://\S+/metrics`)

func (s *scene) scrape() {
	address := metricsAddress.FindString(s.stderr.String())
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), "robutler_mcp_tool_calls_total") {
		s.t.Errorf("%v, %s", err, body)
	}
	s.scraped = string(body)
}

// playing are the calls of every tool: its example, and the same with secrets for every text.
func (s *scene) playing() (calls [][2]string) {
	offline := func(context.Context) (string, error) { return "", client.ErrMissingKey }
	platform, err := client.New(client.WithKeySource(offline), client.WithBaseURL(client.DefaultBaseURL))
	if err != nil {
		s.t.Fatal(err)
	}
	catalog, err := tools.NewCatalog(tools.Platform{Client: platform})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, tool := range catalog.Tools() {
		var members map[string]any
		if err := json.Unmarshal([]byte(tool.Example), &members); err != nil {
			s.t.Fatal(err)
		}
		for name, value := range members {
			switch text, isText := value.(string); {
			case name == "token":
				members[name] = canaryToken
			case name == "payment_header":
				members[name] = canaryHeader
			case isText && name != "amount_usd" && !strings.HasPrefix(text, "{"):
				members[name] = text + " " + canaryText
			}
		}
		planted, err := json.Marshal(members)
		if err != nil {
			s.t.Fatal(err)
		}
		calls = append(calls, [2]string{tool.Name, tool.Example}, [2]string{tool.Name, string(planted)})
	}
	return calls
}

// perform calls every tool over a wire, agrees to whatever it is asked, and does what else a client can.
func (s *scene) perform(w wire, meta string) {
	id := 0
	ask := func(method, params string) string {
		id++
		answer := w.ask(id, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, params))
		if answer != "" {
			s.answered++
		}
		return answer
	}
	if meta == "" {
		ask("initialize", `{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"`+canaryText+`","version":"1"}}`)
	}
	meta = `"_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"v=` + canaryTrace + `"` + meta + `}`
	call := func(name, arguments string) string {
		return ask("tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s,%s}`, name, arguments, meta))
	}
	for _, one := range s.playing() {
		answer := call(one[0], one[1])
		var told struct {
			Result struct {
				Structured struct {
					Confirmation string `json:"confirmation"`
				} `json:"structuredContent"`
				IsError bool `json:"isError"`
			} `json:"result"`
		}
		if json.Unmarshal([]byte(answer), &told) == nil && told.Result.Structured.Confirmation != "" {
			agreed := strings.TrimSuffix(strings.TrimSpace(one[1]), "}") + `,"confirmation":` + strconv.Quote(told.Result.Structured.Confirmation) + `}`
			answer = call(one[0], strings.Replace(agreed, "{,", "{", 1))
		}
		if strings.Contains(answer, `"result"`) && !strings.Contains(answer, `"isError":true`) {
			s.made++
		}
	}
	call(canaryText, `{"`+canaryText+`":1}`)
	for _, uri := range []string{"robutler://account", "robutler://agents/recipe-muse", "robutler://agents/" + canaryText, canaryText} {
		ask("resources/read", fmt.Sprintf(`{"uri":%q,%s}`, uri, meta))
	}
	ask("prompts/get", fmt.Sprintf(`{"name":%q,%s}`, canaryText, meta))
	ask("completion/complete", `{"ref":{"type":"ref/resource","uri":"robutler://agents/{name}"},"argument":{"name":"name","value":"`+canaryText+`"},`+meta+`}`)
	ask(canaryText, `{`+meta+`}`)
}

// search looks for secrets in everything that is left behind. Clients may see what they sent themselves and what the
// platform tells of its own; nobody ever sees the key.
func (s *scene) search() {
	s.t.Helper()
	places := map[string]string{"stderr": s.stderr.String(), "traces": s.exported.String(), "metrics": s.scraped}
	if err := filepath.WalkDir(s.folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		places[strings.TrimPrefix(path, s.folder)] = string(content)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	secrets := []string{s.hostile.key, canaryUpstream, canaryText, canaryToken, canaryHeader, canaryTrace, canaryOTLP, canaryDatabase}
	for _, minted := range mintedIn(s.shown.String() + s.stdout.String()) {
		if minted != "" && !strings.Contains(minted, "[redacted]") {
			secrets = append(secrets, minted)
		}
	}
	for place, content := range places {
		for _, secret := range secrets {
			s.absent(place, content, secret)
		}
	}
	s.absent("stdout", s.shown.String()+s.stdout.String(), s.hostile.key)
	s.absent("stdout", s.shown.String()+s.stdout.String(), canaryOTLP)
}

func (s *scene) absent(place, content, secret string) {
	s.t.Helper()
	for _, form := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), secret[:9] + "\u200b" + secret[9:]} {
		if at := strings.Index(content, form); at >= 0 {
			s.t.Errorf("%s is in %s: ...%q", secret, place, content[max(0, at-200):min(len(content), at+len(form)+40)])
		}
	}
}

var mintedMember = regexp.MustCompile(`"(?:api_key|token|confirmation)":\s*"([^"\\]{12,})"`)

// mintedIn gives the secrets that results showed.
func mintedIn(shown string) (secrets []string) {
	for _, found := range mintedMember.FindAllStringSubmatch(shown, -1) {
		secrets = append(secrets, found[1])
	}
	return secrets
}
