package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

// certificate is a certificate and its key in files, which are read anew when they change: certificates are renewed
// while servers run.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed [2]stamp // of the files that are loaded
}

// stamp tells whether a file is another one than it was.
type stamp struct {
	at   time.Time
	mode os.FileMode
}

// CertificateFiles gives a TLS configuration that serves the certificate and the key of two PEM files, and reads them
// anew once they change. When they do not fit then, or others can read the key, the certificate before goes on being
// served and the logger is told. It is an error when that is so now.
func CertificateFiles(certFile, keyFile string, logger *slog.Logger) (*tls.Config, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, logger: logger}
	if err := c.load(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.current}, nil
}

// current gives the certificate for a connection.
func (c *certificate) current(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stamps() != c.changed {
		if err := c.load(); err != nil {
			c.logger.Warn("the renewed certificate is not served", slog.Any("error", err))
		}
	}
	return c.loaded, nil
}

// load reads the files. The caller holds the lock, or is alone.
func (c *certificate) load() error {
	at := c.stamps()
	c.changed = at // or every connection would try again
	loaded, err := readPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("load the TLS certificate: %w", err)
	}
	c.loaded = &loaded
	return nil
}

// readPair reads a certificate, and its key from a file that is private.
func readPair(certFile, keyFile string) (tls.Certificate, error) {
	chain, err := os.ReadFile(certFile) //nolint:gosec // the user names the file
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := config.ReadPrivateFile(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(chain, key)
}

// stamps gives those of the files; one that is gone for a moment counts as unchanged.
func (c *certificate) stamps() (at [2]stamp) {
	for i, name := range []string{c.certFile, c.keyFile} {
		at[i] = c.changed[i]
		if info, err := os.Stat(name); err == nil {
			at[i] = stamp{info.ModTime(), info.Mode()}
		}
	}
	return at
}
