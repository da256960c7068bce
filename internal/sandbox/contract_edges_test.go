package sandbox

import (
	"context"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestAnAbsentContentTypeIsSniffed(t *testing.T) {
	p := open(t, Options{})
	body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.png\"\r\n\r\n\x89PNG\r\n\x1a\n0000\r\n--b--\r\n"
	got := send(t, p, p.UserKey(), "POST", "/api/content", "multipart/form-data; boundary=b", body)
	if got.body["contentType"] != "image/png" {
		t.Errorf("contentType=%v %s", got.body["contentType"], got.raw)
	}
}

func TestARefusedDatabaseLeavesNothingBehind(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Open(context.Background(), Options{})
	entries, _ := os.ReadDir(".")
	if err == nil || len(entries) != 0 {
		t.Errorf("err=%v left=%v", err, entries)
	}
}

func TestDeletingAndReadingAtOnce(t *testing.T) {
	p := open(t, Options{Database: database(t)})
	codes := map[int]int{}
	var mu sync.Mutex
	for range 60 {
		up := uploadFile(t, p, p.UserKey(), "/api/content", "a.txt", "x", nil)
		id := fmt.Sprint(up.body["id"])
		var g sync.WaitGroup
		for i := range 6 {
			g.Go(func() {
				m := "DELETE"
				if i%2 == 1 {
					m = "GET"
				}
				c := send(t, p, p.UserKey(), m, "/api/content/"+id, "", "").status
				mu.Lock()
				codes[c]++
				mu.Unlock()
			})
		}
		g.Wait()
	}
	if codes[500] > 0 {
		t.Errorf("codes %v", codes)
	}
}

func TestSearchFindsBothFormsOfAnAccent(t *testing.T) {
	p := open(t, Options{})
	postJSON(t, p, "/api/agents", `{"name":"ue","instructions":"x","description":"\u00dcbersetzung von Vertr\u00e4gen"}`)
	for _, q := range []string{"\u00dcbersetzung", "U\u0308bersetzung", "Ubersetzung"} {
		got := rows(t, postJSON(t, p, "/api/agents/search", fmt.Sprintf(`{"query":%q}`, q)), "agents")
		if len(got) == 0 || got[0]["similarity"].(float64) < 0.75 {
			t.Errorf("%q: %d rows", q, len(got))
		}
	}
}

func TestAnAgentIsFoundByEachOfItsIntents(t *testing.T) {
	p := open(t, Options{})
	for _, a := range rows(t, postJSON(t, p, "/api/agents/search", `{"query":"translate write read plan data code review invoice hotel trip photo log","limit":100}`), "agents") {
		for _, in := range a["intents"].([]any) {
			for _, r := range rows(t, postJSON(t, p, "/api/agents/search", fmt.Sprintf(`{"query":%q,"limit":1}`, in)), "agents") {
				if r["similarity"].(float64) < 0.75 || r["name"] != a["name"] {
					t.Errorf("%v: %v %v want %v", in, r["name"], r["similarity"], a["name"])
				}
			}
		}
	}
}

func TestPrivateAgentsDoNotWeighTerms(t *testing.T) {
	p := open(t, Options{})
	other := otherUser(t, p)
	score := func() any {
		return rows(t, send(t, p, other, "POST", "/api/agents/search", "application/json", `{"query":"translate zyzzyva"}`), "agents")[0]["similarity"]
	}
	before, _ := score().(float64)
	postJSON(t, p, "/api/agents", `{"name":"hid","instructions":"x","description":"zyzzyva"}`)
	// FTS5's own statistics still move the fourth decimal.
	if after, _ := score().(float64); math.Abs(after-before) > 0.005 {
		t.Errorf("a private agent of another user moves the score: %v -> %v", before, after)
	}
}

func TestAnUploadIsStreamed(t *testing.T) {
	p := open(t, Options{Database: database(t)})
	s := httptest.NewServer(p.Handler())
	defer s.Close()
	pr, pw := io.Pipe()
	form := multipart.NewWriter(pw)
	go func() {
		part, _ := form.CreateFormFile("file", "big.bin")
		_, _ = io.CopyN(part, zeros{}, 64<<20)
		form.Close()
		pw.Close()
	}()
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	r, _ := http.NewRequest("POST", s.URL+"/api/content", pr)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("X-API-Key", p.UserKey())
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	runtime.ReadMemStats(&b)
	if resp.StatusCode != 200 || resp.Header.Get("Date") == "" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if (b.TotalAlloc - a.TotalAlloc) > 8<<20 {
		t.Errorf("allocated %d", b.TotalAlloc-a.TotalAlloc)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestDiscoveryHasEveryMember(t *testing.T) {
	p := open(t, Options{})
	got := get(t, p, "/api/discovery/agents?type=agent&limit=5")
	if got.status != 200 {
		t.Errorf("without search: %d %s", got.status, got.raw)
	}
	row := rows(t, get(t, p, "/api/discovery/agents?search=hotel"), "agents")[0]
	for k := range strings.SplitSeq("id,username,displayName,bio,reputationScore,trustLevel,tier,isOnline,agentUrl,scalarReputation,trustflowScore", ",") {
		if _, ok := row[k]; !ok {
			t.Errorf("lacks %s", k)
		}
	}
}

func TestARemovedUserKeyStaysRemoved(t *testing.T) {
	path := database(t)
	p := open(t, Options{Database: path})
	k := p.UserKey()
	for _, row := range rows(t, get(t, p, "/api/api-keys"), "keys") {
		send(t, p, k, "DELETE", "/api/api-keys/"+fmt.Sprint(row["id"]), "", "")
	}
	if c := send(t, p, k, "GET", "/api/user", "", "").status; c != 401 {
		t.Fatal(c)
	}
	q := open(t, Options{Database: path})
	if q.UserKey() == k {
		t.Errorf("a revoked key works again after a restart")
	}
}
