package hostile

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// drainTime is how long a server may take to end the calls that it has accepted.
const drainTime = 10 * time.Second

// endRows are the ways in which a server or its client comes to an end.
func endRows(platform *gateway) []row {
	return []row{
		{fault: "stdin ends with 1,000 calls in flight", limit: "1000 answers, status 0, 10 s", over: []string{overStdio}, probe: func(t *testing.T, _ string) string {
			return inputEnds(t, platform)
		}},
		{fault: "SIGTERM with calls in flight", limit: "all answered, status 0, 10 s", over: everywhere(), probe: func(t *testing.T, over string) string {
			return signalled(t, platform, over, syscall.SIGTERM)
		}},
		{fault: "SIGINT with calls in flight", limit: "all answered, status 0, 10 s", over: everywhere(), probe: func(t *testing.T, over string) string {
			return signalled(t, platform, over, syscall.SIGINT)
		}},
		{fault: "second signal while calls hang", limit: "1 s", over: everywhere(), probe: func(t *testing.T, over string) string {
			return signalledTwice(t, platform, over)
		}},
		{fault: "stdout is closed under a call", limit: "10 s, no trace", over: []string{overStdio}, probe: func(t *testing.T, _ string) string {
			return outputCloses(t, platform)
		}},
		{fault: "the parent is killed", limit: "2 s", over: []string{overStdio}, probe: func(t *testing.T, _ string) string { return orphaned(t) }},
	}
}

func inputEnds(t *testing.T, platform *gateway) string {
	const calls = 1000
	platform.slow(20 * time.Millisecond)
	defer platform.slow(0)
	s := startStdio(t, offering(platform))
	var input strings.Builder
	input.WriteString(hello + "\n" + helloDone + "\n")
	for i := range calls {
		input.WriteString(plain(fmt.Sprint(i), "tools/call", callOf("get_credits", `{}`)) + "\n")
	}
	began := time.Now()
	go func() {
		_, _ = io.WriteString(s.stdin, input.String()) // what does not arrive is not answered, and fails below
		_ = s.stdin.Close()
	}()
	answered := map[string]int{}
	good := 0
	reader := bufio.NewScanner(s.stdout)
	for reader.Scan() {
		r := parse(reader.Bytes())
		answered[string(r.ID)]++
		if strings.Contains(r.raw, "available_credits") {
			good++
		}
	}
	took := time.Since(began)
	for id, times := range answered {
		if times != 1 {
			t.Errorf("%s is answered %d times", id, times)
		}
	}
	if len(answered) != calls+1 || good != calls || s.status() != 0 {
		t.Errorf("%d answers, %d good, status %d: %s", len(answered), good, s.status(), s.stderr)
	}
	within(t, "the drain", took, drainTime)
	return fmt.Sprintf("%d answers, status %d, %s", len(answered)-1, s.status(), milliseconds(took))
}

// busy sends calls that the platform holds, and waits until it holds them.
func busy(t *testing.T, w wire, held *barrier, calls int) []<-chan reply {
	t.Helper()
	answers := make([]<-chan reply, calls)
	for i := range answers {
		id := fmt.Sprint(i + 1)
		answers[i] = w.send(call(w, id, "get_credits", `{}`), id)
	}
	for range answers {
		receive(t, held.arrived, "the call at the platform")
	}
	return answers
}

// creditsRoute is where get_credits goes.
const creditsRoute = "/api/balance"

func signalled(t *testing.T, platform *gateway, over string, signal syscall.Signal) string {
	const calls = 8
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	w := dial(t, over, offering(platform))
	answers := busy(t, w, held, calls)
	began := time.Now()
	w.host().signal(signal)
	time.AfterFunc(500*time.Millisecond, held.lift)
	answered := 0
	for _, answer := range answers {
		if r := receive(t, answer, "the answer"); r.Result != nil && strings.Contains(r.raw, "available_credits") {
			answered++
		}
	}
	w.host().awaitEnd(drainTime)
	took := time.Since(began)
	if answered != calls || w.host().status() != 0 {
		t.Errorf("%d of %d are answered, status %d: %s", answered, calls, w.host().status(), w.host().stderr)
	}
	within(t, "the end", took, drainTime)
	return fmt.Sprintf("%d of %d, status %d, %s", answered, calls, w.host().status(), milliseconds(took))
}

func signalledTwice(t *testing.T, platform *gateway, over string) string {
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	w := dial(t, over, offering(platform))
	busy(t, w, held, 2)
	w.host().signal(syscall.SIGTERM)
	select {
	case <-w.host().ended:
		t.Error("the server has not waited for its calls")
	case <-time.After(300 * time.Millisecond):
	}
	w.host().signal(syscall.SIGTERM)
	took := w.host().awaitEnd(drainTime)
	within(t, "the end", took, time.Second)
	return milliseconds(took)
}

func outputCloses(t *testing.T, platform *gateway) string {
	held := platform.hold("GET", creditsRoute, false)
	defer held.lift()
	s := startStdio(t, offering(platform))
	w := dialStdio(s, true)
	busy(t, w, held, 4)
	_ = s.stdout.Close()
	began := time.Now()
	held.lift()
	s.awaitEnd(drainTime + time.Second)
	took := time.Since(began)
	for _, trace := range []string{"goroutine ", "panic", "SIGPIPE"} {
		if strings.Contains(s.stderr.String(), trace) {
			t.Errorf("the server leaves a trace: %s", s.stderr)
		}
	}
	within(t, "the end", took, drainTime)
	return fmt.Sprintf("%s, status %d", milliseconds(took), s.status())
}

// orphaned kills the parent of a server. The server holds the parent's stderr: its end is that of the server.
func orphaned(t *testing.T) string {
	launcher := exec.Command(os.Args[0])
	launcher.Env = []string{"HOME=" + t.TempDir(), launchVariable + "=" + binary(t), "ROBUTLER_SANDBOX=true", "ROBUTLER_SANDBOX_DB=:memory:"}
	output, err := launcher.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	launcher.Stderr = writer
	if err := launcher.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	said, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || !strings.Contains(said, "serving") {
		_ = launcher.Process.Kill()
		t.Fatalf("the launcher says %q, %v", said, err)
	}
	began := time.Now()
	if err := launcher.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = launcher.Wait() // it was killed
	if err := reader.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	trace, err := io.ReadAll(reader)
	took := time.Since(began)
	if err != nil || len(trace) > 0 {
		t.Errorf("the server goes on, or says: %q %v", trace, err)
	}
	within(t, "the end", took, 2*time.Second)
	return milliseconds(took)
}
