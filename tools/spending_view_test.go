package tools

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestSpendingViewIsSelfContained holds the page to what a host with the strictest policy runs: nothing is loaded, and
// data never becomes markup or code.
func TestSpendingViewIsSelfContained(t *testing.T) {
	t.Parallel()
	page := string(spendingView())
	if len(page) > 40_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if !strings.HasPrefix(page, "<!doctype html>") || !strings.Contains(page, `content="default-src 'none'; `) {
		t.Error("it is no page with a policy of its own")
	}
	for _, bad := range []string{
		"http:", "https:", "//cdn", "src=", "href=", "<link", "<img", "<iframe", "<form", "@import", "@font-face", "url(",
		"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function", "fetch(", "XMLHttpRequest",
		"WebSocket", "EventSource", "sendBeacon", "import(", "localStorage", "document.cookie", "serviceWorker",
	} {
		if strings.Contains(page, bad) {
			t.Errorf("the page says %q", bad)
		}
	}
	if handler := regexp.MustCompile(`<[a-z][^>]*\son[a-z]+=`).FindString(page); handler != "" {
		t.Errorf("inline handler %s", handler)
	}
	if viewSpending != "ui://robutler/spending.html" {
		t.Errorf("address %s", viewSpending)
	}
}

// TestSpendingViewBehaves runs the page's scripts against a host, where there is Node.js.
func TestSpendingViewBehaves(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("Node.js is not installed")
	}
	if output, err := exec.CommandContext(t.Context(), node, "--test", "view/spending.test.mjs").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
