// Package sandbox is an embedded Robutler Platform: the REST contract of the real one, in both of its generations,
// over SQLite. It runs without an account and without a network, for trying things out and for tests.
package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/sqlite"
)

// MemoryDatabase is the name of a database that lives in memory, with its files, and is gone with its platform.
const MemoryDatabase = sqlite.Memory

// defaultMaxUpload bounds an uploaded file, in bytes.
const defaultMaxUpload = 100 << 20

// Options set up a platform.
type Options struct {
	// Database is the path of a file, or [MemoryDatabase].
	Database string
	// Logger takes failures of the platform itself; nil discards them.
	Logger *slog.Logger
	// Now is the clock; nil is the system's.
	Now func() time.Time
	// ModelURL is an OpenAI-compatible server, such as http://127.0.0.1:11434/v1, that speaks for the agents; without one
	// they answer with a built-in responder.
	ModelURL string
	// Profile says which generation of the platform to play; the zero value plays both side by side.
	Profile Profile
	// RateLimits applies the platform's documented limits a minute.
	RateLimits bool
	// Faults go wrong on chosen routes.
	Faults []Fault
	// Seed is JSON in the form of data/seed.json that fills an empty database in place of the built-in data; nil keeps it.
	Seed []byte
	// MaxUploadBytes bounds an uploaded file; 0 is 100 MiB.
	MaxUploadBytes int64
}

// Platform is an open platform. It is safe for concurrent use, also by several processes on one database.
type Platform struct {
	database  *sql.DB
	files     fileStore
	logger    *slog.Logger
	now       func() time.Time
	maxUpload int64
	profile   Profile
	model     *languageModel
	userKey   string
	handler   http.Handler
	signer    signer
	// limits is nil where nothing is limited.
	limits *limiter
}

// Open opens the database, creating it where there is none, brings it to this version, and fills an empty one with
// data to try things out on.
func Open(ctx context.Context, o Options) (platform *Platform, err error) {
	p := &Platform{logger: o.Logger, now: o.Now, maxUpload: o.MaxUploadBytes, profile: o.Profile}
	if p.logger == nil {
		p.logger = slog.New(slog.DiscardHandler)
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.maxUpload <= 0 {
		p.maxUpload = defaultMaxUpload
	}
	if o.ModelURL != "" {
		p.model = &languageModel{url: strings.TrimRight(o.ModelURL, "/"), client: &http.Client{Timeout: 2 * time.Minute}}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if p.database, err = openDatabase(ctx, o.Database); err != nil {
		return nil, err
	}
	if p.files, err = openFiles(o.Database); err != nil {
		return nil, err
	}
	if o.Seed == nil {
		o.Seed = seedData
	}
	if err := p.seed(ctx, o.Seed); err != nil {
		return nil, fmt.Errorf("fill the database: %w", err)
	}
	if err := p.provideUserKey(ctx, o.Database); err != nil {
		return nil, fmt.Errorf("provide the user's key: %w", err)
	}
	if o.RateLimits {
		p.limits = &limiter{now: p.now}
	}
	p.handler = faulty(o.Faults, p.routes())
	return p, nil
}

// Handler serves the platform's routes, all of them below /api.
func (p *Platform) Handler() http.Handler { return p.handler }

// UserKey is the API key of the demo user. It stays the same as long as the database and the key's file beside it do.
func (p *Platform) UserKey() string { return p.userKey }

// Close closes the database. A database in memory is gone then, with its files.
func (p *Platform) Close() error {
	var faults []error
	if p.database != nil {
		faults = append(faults, p.database.Close())
	}
	if p.files != nil {
		faults = append(faults, p.files.close())
	}
	return errors.Join(faults...)
}

// DefaultDatabase gives the path of the database in the user's data folder. It creates nothing.
func DefaultDatabase() (string, error) {
	folder, err := dataFolder()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, "robutler-mcp", "sandbox.db"), nil
}

// dataFolder is where the operating system wants programs to keep a user's data.
func dataFolder() (string, error) {
	if runtime.GOOS == "windows" {
		if folder := os.Getenv("LocalAppData"); folder != "" {
			return folder, nil
		}
	} else if folder := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(folder) {
		return folder, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder: %w", err)
	}
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", "Local"), nil
	case "darwin":
		return filepath.Join(home, "Library", "Application Support"), nil
	default:
		return filepath.Join(home, ".local", "share"), nil
	}
}
