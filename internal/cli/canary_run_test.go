package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/server"
	"github.com/robutlerai/robutler-mcp/internal/telemetry"
	"github.com/robutlerai/robutler-mcp/tools"
)

// replies are all ways in which the platform is hostile.
var replies = []string{
	replyMild, replyPoisoned, replyPage, replyRedirect, replyBroken, replyGone,
	"400", "401", "402", "403", "404", "405", "409", "422", "429", "500", "503",
}

// fewReplies are those that tell transports apart.
var fewReplies = []string{replyMild, replyPoisoned, "403", "500"}

// checkPlayed keeps the test from passing because nothing was called.
func (s *scene) checkPlayed(reply string) {
	if s.answered < 80 || (reply == replyMild && s.made < 40) {
		s.t.Errorf("%d answers, of which %d are a success", s.answered, s.made)
	}
}

// TestTheCanaryOverStdio plants secrets and looks for them where none may be.
func TestTheCanaryOverStdio(t *testing.T) {
	tried := replies
	if testing.Short() {
		tried = fewReplies
	}
	for _, reply := range tried {
		t.Run(reply, func(t *testing.T) {
			s := newScene(t, reply)
			in, feed := io.Pipe()
			answers, out := io.Pipe()
			ended := make(chan int, 1)
			go func() {
				ended <- run(context.Background(), s.arguments(append([]string{"stdio"}, serving...)...), s.streams(in, out))
				_ = out.Close()
			}()
			w := newPipeWire(t, feed, answers)
			s.perform(w, "")
			s.scrape()
			w.close()
			if _, err := io.Copy(io.Discard, answers); err != nil {
				t.Error(err)
			}
			if status := <-ended; status != exitOK {
				t.Errorf("status %d: %s", status, s.stderr)
			}
			s.checkPlayed(reply)
			s.search()
		})
	}
}

// serve runs the http command while a test talks to it.
func (s *scene) serve(talk func(base string)) {
	s.t.Helper()
	s.stderr.wanted = "Ctrl-C ends it."
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, s.arguments(append([]string{"http", "--addr", "127.0.0.1:0"}, serving...)...), s.streams(strings.NewReader(""), io.Discard))
	}()
	select {
	case <-s.stderr.found:
		_, rest, _ := strings.Cut(s.stderr.String(), "Streamable HTTP  ")
		base, _, _ := strings.Cut(rest, "/mcp")
		talk(base)
		s.scrape()
	case status := <-ended:
		s.t.Errorf("ended with %d: %s", status, s.stderr)
		ended <- status
	}
	end()
	<-ended
}

const modernMeta = `,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}`

func TestTheCanaryOverTheWeb(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"legacy", "modern", "sse", "passthrough"} {
		for _, reply := range fewReplies {
			t.Run(transport+" "+reply, func(t *testing.T) {
				t.Parallel()
				s := newScene(t, reply)
				s.passthrough = transport == "passthrough"
				s.serve(func(base string) {
					w := newWebWire(t, base, s.shown)
					defer w.close()
					meta := ""
					switch transport {
					case "passthrough":
						w.headers.Set("Authorization", "Bearer "+s.hostile.key)
						fallthrough
					case "modern":
						w.modern, meta = true, modernMeta
						w.headers.Set("Mcp-Protocol-Version", "2026-07-28")
					case "sse":
						w.stream()
					}
					w.headers.Set("Traceparent", canaryTrace)
					w.headers.Set("Baggage", "key="+canaryTrace)
					s.perform(w, meta)
					_ = w.send("GET", "/readyz?key="+canaryText, "", nil).Body.Close()
					_ = w.send("GET", "/"+canaryText, "", nil).Body.Close()
					_ = w.send("POST", "/mcp", `{"`+canaryText, nil).Body.Close()
				})
				s.checkPlayed(reply)
				s.search()
			})
		}
	}
}

// TestTheCanaryAtTheShell calls every tool as a script does.
func TestTheCanaryAtTheShell(t *testing.T) {
	t.Parallel()
	for part, reply := range []string{replyPoisoned, "403"} {
		t.Run(reply, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, reply)
			for i, one := range s.playing() {
				if i%2 != part { // the examples against one platform, and secrets against the other
					continue
				}
				s.stderr.Write([]byte("\n"))
				before := len(s.stderr.String())
				status := run(t.Context(), s.arguments("call", one[0], "--args", one[1], "--yes"), s.streams(strings.NewReader(""), io.Discard))
				if status == exitUsage && strings.Contains(s.stderr.String()[before:], "unknown flag") {
					t.Errorf("%s: %s", one[0], s.stderr.String()[before:])
				}
			}
			// At the shell the caller's own words come back on stderr, as a result of the call does.
			said := s.stderr.String()
			s.stderr = &announced{wanted: "\x00", found: make(chan struct{})}
			s.search()
			s.absent("stderr", said, s.hostile.key)
		})
	}
}

// TestTheCanaryOfAPassword: the journal's address holds one.
func TestTheCanaryOfAPassword(t *testing.T) {
	t.Parallel()
	s := newScene(t, replyMild)
	for _, journal := range []string{"postgres://robutler:" + canaryDatabase + "@127.0.0.1:1/journal", "postgres://robutler:" + canaryDatabase + "@127.0.0.1:port/journal"} {
		arguments := append(s.arguments("call", "delete_agent", "agent=recipe-muse", "--yes"), "--journal", journal)
		if status := run(t.Context(), arguments, s.streams(strings.NewReader(""), io.Discard)); status != exitFailed {
			t.Errorf("status %d: %s", status, s.stderr)
		}
	}
	s.search()
}

// TestTheCanaryOfAPanic breaks a tool while it holds secrets.
func TestTheCanaryOfAPanic(t *testing.T) {
	t.Parallel()
	const key, minted = "canary-key-of-the-caller", "rok_canary0minted0000"
	redactor := telemetry.NewRedactor()
	redactor.Keep(key)
	path := filepath.Join(t.TempDir(), "log")
	logger, closeLog, err := telemetry.OpenLog(telemetry.LogOptions{Level: "debug", Format: "text", File: path, Redactor: redactor})
	if err != nil {
		t.Fatal(err)
	}
	type held struct {
		Key  string
		Body []byte
	}
	type input struct{}
	type output struct {
		Text string `json:"text"`
	}
	spec := func(name string) tools.Spec {
		return tools.Spec{Name: name, Title: "T", Description: "D.", Toolset: tools.ToolsetAgents, Class: client.Read}
	}
	for name, value := range map[string]any{"text": "no " + key, "error": errors.New(minted), "struct": held{key, []byte(minted)}, "pointer": &held{Key: key}} {
		catalog, err := tools.Collect([]tools.Tool{
			tools.Define(spec("panics"), func(context.Context, input) (output, error) { panic(value) }),
			tools.Define(spec("fails"), func(context.Context, input) (output, error) {
				return output{}, errors.New("dial " + key + " " + minted + "\r\n\x1b[31mlevel=ERROR")
			}),
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := server.New(server.Options{Catalog: catalog, Logger: logger, Secrets: redactor})
		if err != nil {
			t.Fatal(err)
		}
		for _, tool := range []string{"panics", "fails"} {
			_, failure := s.Call(t.Context(), tool, nil)
			if failure == nil || bytes.Contains(failure.JSON(), []byte("canary")) {
				t.Errorf("%s: %+v", name, failure)
			}
		}
	}
	logger.LogAttrs(t.Context(), slog.LevelInfo, "done", slog.Any("held", held{key, nil}))
	if err := closeLog(); err != nil {
		t.Fatal(err)
	}
	checkLog(t, path, key, minted, "[114 111 107")
}

// checkLog looks for secrets and for what would drive a terminal, and for lines that are no record.
func checkLog(t *testing.T, path string, secrets ...string) {
	t.Helper()
	read, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content := string(read)
	for _, secret := range append(secrets, "\x1b", "\r") {
		if strings.Contains(content, secret) {
			t.Errorf("%q in %s", secret, content)
		}
	}
	for line := range strings.Lines(content) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("no record: %q", line)
		}
	}
}
