package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReopenedPipeGivesAllThatIsWritten(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close() }()
	if _, err := write.WriteString("before, "); err != nil {
		t.Fatal(err)
	}
	flags := statusFlags(t, read) // which makes it block, as the process's own stdin does
	again, ok := reopened(read)
	if !ok || again == read {
		t.Fatalf("not opened anew: %v, %v", ok, again)
	}
	defer func() { _ = again.Close() }()
	if after := statusFlags(t, read); after != flags || after&syscall.O_NONBLOCK != 0 {
		t.Errorf("the pipe of others has the flags %#x, had %#x", after, flags)
	}
	if err := again.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Errorf("the poller does not know it: %v", err)
	}
	go func() {
		_, _ = write.WriteString("after")
		_ = write.Close()
	}()
	if got, err := io.ReadAll(again); err != nil || string(got) != "before, after" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A pipe whose writers are gone ends, and is not waited for.
func TestReopenedPipeEnds(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close() }()
	_, _ = write.WriteString("last")
	_ = write.Close()
	in, _ := reopened(read)
	if got, err := io.ReadAll(in); err != nil || string(got) != "last" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOtherInputStaysAsItIs(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "input"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, in := range []io.Reader{strings.NewReader("text"), file} {
		if again, ok := reopened(in); ok || again != nil {
			t.Errorf("%T is opened anew", in)
		}
	}
}

func statusFlags(t *testing.T, file *os.File) int {
	t.Helper()
	flags, _, failure := syscall.Syscall(syscall.SYS_FCNTL, file.Fd(), syscall.F_GETFL, 0)
	if failure != 0 {
		t.Fatal(failure)
	}
	return int(flags)
}
