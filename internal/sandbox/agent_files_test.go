package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestAgentFilesAreReadAndUnlinked(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	id := fmt.Sprint(uploadFile(t, p, key, "/api/content/upload", "soup.txt", "hot", nil).body["id"])
	binary := fmt.Sprint(uploadFile(t, p, key, "/api/content/upload", "soup.bin", "\xff\x00", nil).body["id"])
	for target, want := range map[string]string{
		"/api/agents/recipe-muse/content/" + id:                    `"text":"hot"`,
		"/api/agents/recipe-muse/content/" + id + "?format=base64": `"base64":"aG90"`,
		"/api/agents/recipe-muse/content/" + binary:                `"base64":"/wA="`,
		"/api/agents/recipe-muse/content?q=soup.t":                 `"displayName":"soup.txt"`,
	} {
		if got := get(t, p, target); got.status != 200 || !strings.Contains(string(got.raw), want) {
			t.Errorf("%s: %s", target, got.raw)
		}
	}
	for target, status := range map[string]int{
		"/api/agents/recipe-muse/content/" + binary + "?format=text": 400, "/api/agents/recipe-muse/content/" + id + "?format=x": 400,
		"/api/agents/dana-assistant/content/" + id: 404,
	} {
		if got := get(t, p, target); got.status != status {
			t.Errorf("%s: %d", target, got.status)
		}
	}
	if gone := send(t, p, p.UserKey(), http.MethodDelete, "/api/agents/recipe-muse/content/"+id, "", ""); gone.status != 200 {
		t.Errorf("unlink: %s", gone.raw)
	}
	if still := get(t, p, "/api/content/"+id); string(still.raw) != "hot" {
		t.Errorf("the owner's library lost it: %s", still.raw)
	}
}

func TestAgentsAreGivenFiles(t *testing.T) {
	t.Parallel()
	p := open(t, Options{})
	const target = "/api/agents/recipe-muse/content"
	key := fmt.Sprint(get(t, p, "/api/agents/recipe-muse/api-key").body["apiKey"])
	for name, with := range map[string]string{"by-owner.txt": p.UserKey(), "by-agent.txt": key} {
		if got := uploadFile(t, p, with, target, name, "hot", nil); got.status != 200 || !strings.Contains(string(get(t, p, target).raw), name) {
			t.Errorf("%s: %d %s", name, got.status, got.raw)
		}
	}
	id := seedID("file", "meeting-notes.md")
	for _, test := range []struct {
		key, target, body string
		status            int
		says              string
	}{
		{key, target, `{"contentId":"` + id + `"}`, 403, "owner"},
		{p.UserKey(), target, `{}`, 400, "contentId"},
		{p.UserKey(), target, `{"contentId":"none"}`, 404, "file not found"},
		{otherUser(t, p), "/api/agents/legal-translator/content", `{"contentId":"` + id + `"}`, 404, "file not found"},
		{p.UserKey(), target, `{"contentId":"` + id + `"}`, 200, "meeting-notes.md"},
		{p.UserKey(), target, `{"contentId":"` + id + `"}`, 200, "meeting-notes.md"},
		{p.UserKey(), "/api/agents/dana-assistant/content", `{"contentId":"` + id + `"}`, 409, "another agent"},
	} {
		if got := sendAs(t, p, test.key, "POST", test.target, test.body); got.status != test.status || !strings.Contains(string(got.raw), test.says) {
			t.Errorf("%s %s: %d %s", test.target, test.body, got.status, got.raw)
		}
	}
	if got := sendAs(t, p, key, "GET", "/api/content/"+id, ""); got.status != 200 {
		t.Errorf("the agent cannot read what it was given: %s", got.raw)
	}
}
