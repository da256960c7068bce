package auth

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/robutlerai/robutler-mcp/internal/config"
)

// racyTime is how recent a change must be for another one to leave the same time behind.
const racyTime = 2 * time.Second

// KeyFile maps subjects to keys of the platform. The file is read again when it changes; what cannot be read maps
// nobody, so that a mapping that was taken away never lives on. It is safe for concurrent use.
type KeyFile struct {
	path string
	now  func() time.Time

	mu   sync.Mutex
	info os.FileInfo // of the file as it was read; nil when it was not
	read time.Time
	keys map[string]config.Secret
}

// OpenKeyFile reads a file for the first time. The clock is time.Now when nil.
func OpenKeyFile(path string, now func() time.Time) (*KeyFile, error) {
	if now == nil {
		now = time.Now
	}
	f := &KeyFile{path: path, now: now}
	if err := f.Check(); err != nil {
		return nil, err
	}
	return f, nil
}

// Check reads the file if it changed, and reports why it cannot be used.
func (f *KeyFile) Check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refresh()
}

// Find gives the key of a subject; an empty one when there is none.
func (f *KeyFile) Find(subject string) (config.Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.refresh(); err != nil {
		return config.Secret{}, err
	}
	return f.keys[subject], nil
}

// refresh reads the file if it is another one than the last time. The caller holds the lock.
func (f *KeyFile) refresh() error {
	info, err := os.Stat(f.path)
	if err == nil && f.unchanged(info) {
		return nil
	}
	f.info, f.keys = nil, nil
	if err != nil {
		return fmt.Errorf("read the keys of subjects: %w", err)
	}
	read := f.now()
	data, err := config.ReadPrivateFile(f.path)
	if err != nil {
		return fmt.Errorf("read the keys of subjects: %w", err)
	}
	if f.keys, err = parseKeys(data); err != nil {
		return fmt.Errorf("read the keys of subjects: %s: %w", f.path, err)
	}
	f.info, f.read = info, read
	return nil
}

func (f *KeyFile) unchanged(info os.FileInfo) bool {
	return f.info != nil && os.SameFile(f.info, info) && info.Size() == f.info.Size() && info.Mode() == f.info.Mode() &&
		info.ModTime().Equal(f.info.ModTime()) && f.read.Sub(info.ModTime()) > racyTime
}

// parseKeys reads a YAML or JSON mapping. Errors name no key, and no line of the file: it could be one.
func parseKeys(data []byte) (map[string]config.Secret, error) {
	var pairs map[string]string
	if err := yaml.Unmarshal(data, &pairs); err != nil {
		return nil, errors.New("it is not a YAML or JSON mapping of subjects to keys, each subject once")
	}
	keys := make(map[string]config.Secret, len(pairs))
	for subject, key := range pairs {
		key = strings.TrimSpace(key)
		if subject == "" || len(key) < minBearer || !isToken68(key) {
			return nil, fmt.Errorf("the subject %q has no key that could be one", subject)
		}
		keys[subject] = config.NewSecret(key)
	}
	return keys, nil
}
