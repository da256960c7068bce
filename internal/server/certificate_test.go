package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate puts a certificate for loopback and its key into two files, dated as given.
func writeCertificate(t *testing.T, folder string, serial int64, at time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: signed}, keyFile: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// A renewed certificate is served without a restart, a broken one is not, and both revisions of HTTP are spoken.
func TestTLSServesRenewedCertificates(t *testing.T) {
	folder, noon := t.TempDir(), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	certFile, keyFile := writeCertificate(t, folder, 1, noon)
	s, log := newTestServer(t, newFakes())
	secured, err := CertificateFiles(certFile, keyFile, s.logger)
	if err != nil {
		t.Fatal(err)
	}
	run := startHTTP(t, s, HTTPOptions{TLS: secured})
	ask := func(wantSerial int64) {
		t.Helper()
		web := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		defer web.CloseIdleConnections()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+run.host+"/mcp", strings.NewReader(initializeLine))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := web.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if serial := response.TLS.PeerCertificates[0].SerialNumber.Int64(); serial != wantSerial || response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
			t.Errorf("certificate %d, want %d; status %d, HTTP/%d", serial, wantSerial, response.StatusCode, response.ProtoMajor)
		}
	}
	ask(1)
	writeCertificate(t, folder, 2, noon.Add(time.Minute))
	ask(2)
	if err := os.WriteFile(keyFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(2)
	if !strings.Contains(log.String(), "the renewed certificate is not served") {
		t.Error("nobody is told")
	}
	writeCertificate(t, folder, 3, noon.Add(2*time.Minute))
	ask(3)
	if _, err := CertificateFiles(keyFile, certFile, nil); err == nil {
		t.Error("files that do not fit are served")
	}
}
