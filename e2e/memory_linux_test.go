package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestPagesOfTheStartAreGivenBack asks once, and sees the memory that the program itself takes go down.
func TestPagesOfTheStartAreGivenBack(t *testing.T) {
	const released = 2 << 10 // kB; it is about three times as much
	over := serve(t, "--sandbox", "--sandbox-db", ":memory:")
	started := programMemory(t, over.pid)
	response, err := http.Get("http://" + over.address + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	awaitMemory(t, over.pid, started-released)

	c, input, _ := answering(t)
	awaitMemory(t, c.Process.Pid, started-released)
	if err := input.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
}

// awaitMemory waits until a process has at most so many kB of files in memory.
func awaitMemory(t *testing.T, pid, most int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		held := programMemory(t, pid)
		if held <= most {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d kB of the program are in memory, want at most %d", held, most)
		}
	}
}

// programMemory is how much of its files a process has in memory, in kB.
func programMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	var held int
	if _, err := fmt.Sscan(rest, &held); err != nil {
		t.Fatal(err)
	}
	return held
}
