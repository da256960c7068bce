package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a certificate and its key in files, which are read anew when they change: certificates are renewed
// while servers run.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed [2]time.Time // the times of the files that are loaded
}

// CertificateFiles gives a TLS configuration that serves the certificate and the key of two PEM files, and reads them
// anew once they change. When they do not fit then, the certificate before goes on being served and the logger is told.
// It is an error when they do not fit now.
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
	if c.times() != c.changed {
		if err := c.load(); err != nil {
			c.logger.Warn("the renewed certificate is not served", slog.Any("error", err))
		}
	}
	return c.loaded, nil
}

// load reads the files. The caller holds the lock, or is alone.
func (c *certificate) load() error {
	at := c.times()
	loaded, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	c.changed = at // or every connection would try again
	if err != nil {
		return fmt.Errorf("load the TLS certificate: %w", err)
	}
	c.loaded = &loaded
	return nil
}

// times gives when the files were changed; a file that is gone for a moment counts as unchanged.
func (c *certificate) times() (at [2]time.Time) {
	for i, name := range []string{c.certFile, c.keyFile} {
		at[i] = c.changed[i]
		if info, err := os.Stat(name); err == nil {
			at[i] = info.ModTime()
		}
	}
	return at
}
