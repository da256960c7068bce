package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"sync"
)

// fileStore keeps the bytes of files under their ids.
type fileStore interface {
	// create takes a file's bytes; what is not closed is not kept.
	create(id string) (io.WriteCloser, error)
	// open gives a file's bytes, or fs.ErrNotExist.
	open(id string) (io.ReadCloser, error)
	remove(id string) error
	close() error
}

// openFiles opens the store of a database: a folder beside it, or memory. A folder for what lives in memory would
// outlive a platform that is killed.
func openFiles(database string) (fileStore, error) {
	if database == MemoryDatabase {
		return &memoryFiles{held: map[string][]byte{}, most: maxMemoryFiles}, nil
	}
	folder := database + ".files"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("create a folder for files: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open the folder for files: %w", err)
	}
	return folderFiles{root}, nil
}

// folderFiles is a folder with a file for each.
type folderFiles struct{ root *os.Root }

func (f folderFiles) create(id string) (io.WriteCloser, error) {
	return f.root.OpenFile(id, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}

func (f folderFiles) open(id string) (io.ReadCloser, error) { return f.root.Open(id) }
func (f folderFiles) remove(id string) error                { return f.root.Remove(id) }
func (f folderFiles) close() error                          { return f.root.Close() }

// maxMemoryFiles bounds what is kept in memory, in bytes.
const maxMemoryFiles = 512 << 20

// memoryFiles is gone with its process, however that ends.
type memoryFiles struct {
	mu   sync.Mutex
	held map[string][]byte
	// used is what is kept and what is on its way, of at most most.
	used, most int64
}

func (m *memoryFiles) create(id string) (io.WriteCloser, error) {
	return &memoryFile{store: m, id: id}, nil
}

func (m *memoryFiles) open(id string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, found := m.held[id]
	if !found {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (m *memoryFiles) remove(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, found := m.held[id]
	if !found {
		return fs.ErrNotExist
	}
	m.used -= int64(len(data))
	delete(m.held, id)
	return nil
}

func (*memoryFiles) close() error { return nil }

// reserve counts bytes before they are taken.
func (m *memoryFiles) reserve(n int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used+int64(n) > m.most {
		return fail(http.StatusInsufficientStorage, "storage_full", "the platform keeps at most %d bytes of files in memory", m.most)
	}
	m.used += int64(n)
	return nil
}

// memoryFile is a file on its way into memory.
type memoryFile struct {
	store *memoryFiles
	id    string
	data  bytes.Buffer
}

func (f *memoryFile) Write(p []byte) (int, error) {
	if err := f.store.reserve(len(p)); err != nil {
		return 0, err
	}
	return f.data.Write(p)
}

func (f *memoryFile) Close() error {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	f.store.used -= int64(len(f.store.held[f.id])) // of an older file of this id
	f.store.held[f.id] = f.data.Bytes()
	return nil
}

// readFile reads a file that its caller has found to be small. One that was deleted meanwhile is not found.
func (p *Platform) readFile(id string) ([]byte, error) {
	stored, err := p.openFile(id)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(stored)
	if err := errors.Join(err, stored.Close()); err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return data, nil
}

func (p *Platform) openFile(id string) (io.ReadCloser, error) {
	stored, err := p.files.open(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound("file") // it was deleted between the row and here
	}
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return stored, nil
}
