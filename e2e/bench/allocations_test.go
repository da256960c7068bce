package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// BenchmarkAllocations counts what the process of a server allocates for one small list_agents: reading the request, all
// checks, asking the platform with its HTTP client, and writing the answer. The runtime's own counters are read before and
// after, over /debug/pprof, so that neither the client nor the platform is counted.
func BenchmarkAllocations(b *testing.B) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(smallList())
	}))
	b.Cleanup(upstream.Close)
	for _, server := range servers(b, upstream.URL) {
		for _, transport := range []string{"stdio", "http"} {
			b.Run(server.name+"/"+transport, func(b *testing.B) { countAllocations(b, server, transport) })
		}
	}
}

// server is a program that is measured.
type server struct {
	name, path  string
	environment []string
	arguments   func(transport, address string) []string
}

func servers(b *testing.B, upstream string) []server {
	b.Helper()
	bare := os.Getenv("BENCH_BARE")
	if bare == "" {
		b.Skip("BENCH_BARE names no bare server: run make bench-servers")
	}
	return []server{
		{"ours", program.Path(b), []string{"ROBUTLER_API_URL=" + upstream, "WEBAGENTS_API_KEY=rok_bench0bench0bench0bench"},
			func(transport, address string) []string {
				arguments := []string{transport, "--toolsets", "all"}
				if transport == "http" {
					arguments = append(arguments, "--addr", address)
				}
				return arguments
			}},
		{"bare", bare, []string{"UPSTREAM_URL=" + upstream, "UPSTREAM_TOKEN=bench"},
			func(transport, address string) []string { return []string{"-transport", transport, "-addr", address} }},
	}
}

// warmCalls fill pools and caches before anything is counted.
const warmCalls = 200

func countAllocations(b *testing.B, server server, transport string) {
	b.Helper()
	profiles := freeAddress(b)
	flag := "--pprof-addr=" + profiles
	call := dial(b, server, transport, flag)
	n := 0
	repeat := func(times int) {
		for range times {
			n++
			answer := call(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_agents","arguments":{}}}`, n))
			if !strings.Contains(answer, "agent-0001") || strings.Contains(answer, `"isError":true`) {
				b.Fatalf("the answer is %.300s", answer)
			}
		}
	}
	repeat(warmCalls)
	idle := read(b, profiles)
	before := read(b, profiles)
	b.ResetTimer()
	repeat(b.N)
	b.StopTimer()
	after := read(b, profiles)
	reading := before.minus(idle)
	spent := after.minus(before).minus(reading)
	b.ReportMetric(float64(spent.objects)/float64(b.N), "mallocs/call")
	b.ReportMetric(float64(spent.bytes)/float64(b.N), "B/call")
}

// counters are the runtime's, since the start of a process.
type counters struct{ objects, bytes int64 }

func (c counters) minus(other counters) counters {
	return counters{c.objects - other.objects, c.bytes - other.bytes}
}

var counterLine = regexp.MustCompile(`(?m)^# (Mallocs|TotalAlloc) = (\d+)$`)

func read(b *testing.B, profiles string) counters {
	b.Helper()
	var page string
	for deadline := time.Now().Add(10 * time.Second); page == ""; {
		answer, err := http.Get("http://" + profiles + "/debug/pprof/heap?debug=1")
		if err != nil {
			if time.Now().After(deadline) {
				b.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		page = string(body)
	}
	var read counters
	for _, found := range counterLine.FindAllStringSubmatch(page, -1) {
		value, err := strconv.ParseInt(found[2], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		if found[1] == "Mallocs" {
			read.objects = value
		} else {
			read.bytes = value
		}
	}
	if read.objects == 0 || read.bytes == 0 {
		b.Fatal("the profile has no counters")
	}
	return read
}

func freeAddress(b *testing.B) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// smallList is a list of two agents, about 2 kB.
func smallList() []byte {
	text := strings.Repeat("Answers questions about orders. ", 25)
	row := `{"id":"6f1c2d3e-0000-4000-8000-00000000000%d","username":"agent-000%d","description":%q,"model":"example/large-1","isPublic":true}`
	return fmt.Appendf(nil, `{"agents":[%s,%s],"total":2}`, fmt.Sprintf(row, 1, 1, text), fmt.Sprintf(row, 2, 2, text))
}

// environment keeps what the user has set away from a server.
func environment(b *testing.B, set []string) []string {
	b.Helper()
	home := b.TempDir()
	return append([]string{"HOME=" + home, "TMPDIR=" + home, "XDG_DATA_HOME=" + filepath.Join(home, "data"), "PATH=" + os.Getenv("PATH")}, set...)
}

// readLine gives one line without its end.
func readLine(b *testing.B, from *bufio.Reader) string {
	b.Helper()
	line, err := from.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimRight(line, "\r\n")
}
