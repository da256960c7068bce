//go:build !race

package rawio

import (
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// peerAddress tells a process of its own where to take words from and give them back.
const peerAddress = "RAWIO_PEER"

// TestPeer is the other end of [BenchmarkTurns].
func TestPeer(t *testing.T) {
	address := os.Getenv(peerAddress)
	if address == "" {
		return // it is no test
	}
	peer, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(struct{ io.Writer }{peer}, struct{ io.Reader }{peer})
}

// BenchmarkTurns sends a word to another process and back, on one processor: alone, and watched as usual. What is saved is in
// cpu-ns, the processor's time of this process.
func BenchmarkTurns(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, alone := range map[string]bool{"alone": true, "watched": false} {
		b.Run(name, func(b *testing.B) {
			plain, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = plain.Close() }()
			peer := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestPeer$")
			peer.Env = append(os.Environ(), peerAddress+"="+plain.Addr().String())
			if err := peer.Start(); err != nil {
				b.Fatal(err)
			}
			ours, err := Listener(plain, set(alone)).Accept()
			if err != nil {
				b.Fatal(err)
			}
			word := []byte("word")
			used := processorTime(b)
			for b.Loop() {
				if _, err := ours.Write(word); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(ours, word); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(processorTime(b)-used)/float64(b.N), "cpu-ns/op")
			_ = ours.Close()
			if err := peer.Wait(); err != nil {
				b.Error(err)
			}
		})
	}
}

// processorTime is what this process has used, in nanoseconds.
func processorTime(b *testing.B) int64 {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}
