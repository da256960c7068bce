package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// HTTP/2 ends streams whose deadlines pass, whether or not something is read or written: those that are in use must not
// have any, and those that drip must.
func TestPaceOverHTTP2(t *testing.T) {
	certFile, keyFile := writeCertificate(t, t.TempDir(), 1, time.Now())
	secured, err := CertificateFiles(certFile, keyFile, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	inBubbleWith(t, HTTPOptions{TLS: secured}, func(t *testing.T, f *fakes, run *pipeRun) {
		connections := &http.Transport{
			ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
			DialContext: func(context.Context, string, string) (net.Conn, error) { return run.dial(), nil },
		}
		defer connections.CloseIdleConnections()
		web := &http.Client{Transport: connections}
		ask := func(method, path string, body io.Reader, headers ...string) *http.Response {
			t.Helper()
			request, err := http.NewRequestWithContext(t.Context(), method, "https://localhost"+path, body)
			if err != nil {
				t.Fatal(err)
			}
			for _, header := range append(headers, "Content-Type: application/json") {
				name, value, _ := strings.Cut(header, ": ")
				request.Header.Set(name, value)
			}
			response, err := web.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			return response
		}
		stream := ask(http.MethodGet, "/sse", nil)
		if stream.ProtoMajor != 2 {
			t.Fatalf("HTTP/%d", stream.ProtoMajor)
		}
		pings := make(chan struct{}, 1000)
		go func() {
			defer close(pings)
			for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
				if strings.Contains(lines.Text(), `"ping"`) {
					pings <- struct{}{}
				}
			}
		}()
		time.Sleep(time.Hour + time.Second)
		if got, want := len(pings), int(time.Hour/keepAlive); got != want {
			t.Errorf("%d pings, want %d", got, want)
		}
		_ = stream.Body.Close()

		go func() {
			<-f.started
			time.Sleep(2 * writeTimeout)
			close(f.release)
		}()
		long := ask(http.MethodPost, "/mcp", strings.NewReader(modernCall("1", "wait")), modernHeaders("wait")...)
		if body, err := io.ReadAll(long.Body); err != nil || !strings.Contains(string(body), `"text":"a"`) {
			t.Errorf("a long call: %v %s", err, body)
		}
		_ = long.Body.Close()

		began := time.Now()
		dripping, drip := io.Pipe()
		var dropping sync.WaitGroup
		defer dropping.Wait()
		dropping.Go(func() {
			for {
				if _, err := drip.Write([]byte(" ")); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		slow := ask(http.MethodPost, "/mcp", dripping)
		_ = slow.Body.Close()
		_ = dripping.Close()
		if lasted := time.Since(began); slow.StatusCode != http.StatusRequestTimeout || lasted > patientFor {
			t.Errorf("a body that drips: status %d after %v", slow.StatusCode, lasted)
		}
	})
}
