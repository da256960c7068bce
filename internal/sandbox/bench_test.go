package sandbox

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

// reportTimes adds the median and the 99th percentile of calls to a benchmark, in milliseconds.
func reportTimes(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	for name, share := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99} {
		at := took[int(share*float64(len(took)-1))]
		b.ReportMetric(float64(at.Microseconds())/1000, name)
	}
}

// BenchmarkSearch looks for agents among ten thousand, over the route.
func BenchmarkSearch(b *testing.B) {
	p := open(b, Options{Database: database(b)})
	addAgents(b, p, 10_000)
	for name, query := range map[string]string{
		"two topics": "violin and cheese expert", "a number": "who knows number 4711", "every row": "someone who knows number things",
		"long": "soil glass violin harbor tax cheese orbit paper tunnel bees contract translation invoices travel photos",
	} {
		body := fmt.Sprintf(`{"query":%q,"limit":10}`, query)
		b.Run(name, func(b *testing.B) {
			took := []time.Duration{}
			for b.Loop() {
				began := time.Now()
				if got := postJSON(b, p, "/api/agents/search", body); got.status != http.StatusOK || len(rows(b, got, "agents")) != 10 {
					b.Fatalf("%d %s", got.status, got.raw)
				}
				took = append(took, time.Since(began))
			}
			reportTimes(b, took)
		})
	}
}

// addAgents adds agents with ten topics.
func addAgents(b *testing.B, p *Platform, n int) {
	b.Helper()
	tx, err := p.database.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	topics := []string{"soil", "glass", "violin", "harbor", "tax", "cheese", "orbit", "paper", "tunnel", "bees"}
	for i := range n {
		a := &agent{
			id: seedID("bench", strconv.Itoa(i)), userID: demoUserID, name: fmt.Sprintf("bench-%d", i), model: "m", isPublic: true,
			description: fmt.Sprintf("Knows %s and %s, number %d.", topics[i%10], topics[i/10%10], i), intents: []string{"ask about " + topics[i/100%10]},
		}
		if err := insertAgent(b.Context(), tx, a); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSettle charges locks of a database on disk, over the route. By default a settlement survives the end of the
// process; "synced" is on the disk itself before it is answered.
func BenchmarkSettle(b *testing.B) {
	for _, synced := range []bool{false, true} {
		for _, callers := range []int{1, 8} {
			name := map[bool]string{false: "default", true: "synced"}[synced]
			b.Run(fmt.Sprintf("%s/callers=%d", name, callers), func(b *testing.B) { benchmarkSettle(b, synced, callers) })
		}
	}
}

func benchmarkSettle(b *testing.B, synced bool, callers int) {
	b.Helper()
	path := database(b)
	p := open(b, Options{Database: path})
	if synced {
		plain := p.database
		slow, err := sqlite.Open(path, "foreign_keys(1)", "synchronous(FULL)")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = plain.Close() })
		p.database = slow
	}
	locks := make([]any, callers)
	for i := range locks {
		_, token := mintToken(b, p, "5", "")
		locks[i] = postJSON(b, p, "/api/payments/lock", fmt.Sprintf(`{"token":%q,"amount":"5"}`, token)).body["lockId"]
	}
	var next atomic.Int64
	b.SetParallelism(max(1, callers/2))
	began := time.Now()
	b.ResetTimer()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			n := next.Add(1)
			body := fmt.Sprintf(`{"lockId":%q,"amount":"0.000001","idempotencyKey":"settle-%d"}`, locks[int(n)%callers], n)
			if got := postJSON(b, p, "/api/payments/settle", body); got.status != http.StatusOK || got.body["success"] != true {
				b.Errorf("%d %s", got.status, got.raw)
			}
		}
	})
	b.ReportMetric(float64(next.Load())/time.Since(began).Seconds(), "settles/s")
}

const uploadSize = 100 << 20

// BenchmarkUpload stores 100 MB that come over loopback. B/op is all the memory that it took, in any moment together.
func BenchmarkUpload(b *testing.B) {
	p := open(b, Options{Database: database(b), MaxUploadBytes: uploadSize})
	server := httptest.NewServer(p.Handler())
	b.Cleanup(server.Close)
	b.SetBytes(uploadSize)
	b.ReportAllocs()
	for b.Loop() {
		if status := sendUpload(b, p, server); status != http.StatusOK {
			b.Fatal(status)
		}
	}
}

// BenchmarkUploadFloor is the least that the disk and the hash ask for: the same bytes, hashed and written.
func BenchmarkUploadFloor(b *testing.B) {
	folder := b.TempDir()
	b.SetBytes(uploadSize)
	for b.Loop() {
		file, err := os.Create(filepath.Join(folder, "file"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.MultiWriter(file, sha256.New()), io.LimitReader(zeros{}, uploadSize)); err != nil {
			b.Fatal(err)
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func sendUpload(b *testing.B, p *Platform, server *httptest.Server) int {
	b.Helper()
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() {
		part, err := form.CreateFormFile("file", "large.bin")
		if err == nil {
			_, err = io.CopyBuffer(part, io.LimitReader(zeros{}, uploadSize), make([]byte, 64<<10))
		}
		if err == nil {
			err = form.Close()
		}
		_ = writer.CloseWithError(err)
	}()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL+"/api/content", reader)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("X-API-Key", p.UserKey())
	got, err := server.Client().Do(r)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, got.Body)
	_ = got.Body.Close()
	return got.StatusCode
}
