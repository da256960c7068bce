package consent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

// AuditLine is one line of the audit trail. It holds no values, only digests of them. Each line has the hash of the one
// before, so that none can be changed, removed, moved or inserted without changing all that follow.
type AuditLine struct {
	// Sequence counts the lines of a file from zero.
	Sequence int64     `json:"seq"`
	Time     time.Time `json:"time"`
	// Instance and Process say in the first line who writes the file.
	Instance string `json:"instance,omitempty"`
	Process  int    `json:"pid,omitempty"`
	// Caller is the keyed digest that the journal knows the caller by.
	Caller string `json:"caller,omitempty"`
	Tool   string `json:"tool,omitempty"`
	Class  string `json:"class,omitempty"`
	// Arguments is a keyed digest of the arguments that decide the effect.
	Arguments string `json:"arguments,omitempty"`
	// Handle is the id of the call in the journal.
	Handle string `json:"handle,omitempty"`
	// Outcome is genesis in the first line, claim before a call is made, and then pending, replayed, succeeded, or the
	// code of the error that was answered.
	Outcome   string `json:"outcome"`
	RequestID string `json:"request_id,omitempty"`
	Duration  int64  `json:"duration_ms,omitempty"`
	Prev      string `json:"prev"`
	Hash      string `json:"hash"`
}

const (
	auditGenesis = "genesis"
	auditSuffix  = ".jsonl"
)

// sealLine fills in the hash and gives the line's bytes, whose last member it is.
func (l *AuditLine) sealLine() ([]byte, error) {
	l.Hash = ""
	unsealed, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encode audit line: %w", err)
	}
	digest := sha256.Sum256(unsealed)
	l.Hash = hex.EncodeToString(digest[:])
	const end = `"}`
	return append(append(unsealed[:len(unsealed)-len(end)], l.Hash...), end+"\n"...), nil
}

// auditTrail appends to one file of its own. After a failure it begins another, since the last line may be torn. Lines
// are not forced to disk one by one, as the journal is: a power cut may take the last of them, and only those.
type auditTrail struct {
	folder string
	self   process
	now    func() time.Time
	create func(path string) (*os.File, error)

	mu   sync.Mutex
	file *os.File
	next int64
	prev string
}

// newAuditTrail makes a trail; without a folder it writes nothing.
func newAuditTrail(folder string, self process, now func() time.Time) *auditTrail {
	return &auditTrail{folder: folder, self: self, now: now, create: createAuditFile}
}

func createAuditFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600) //nolint:gosec // the user names the folder
}

// ready reports why a line could not be written, or nil.
func (t *auditTrail) ready() error {
	if t.folder == "" {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.begin()
}

// write appends a line.
func (t *auditTrail) write(line AuditLine) error {
	if t.folder == "" {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.begin(); err != nil {
		return err
	}
	return t.append(line)
}

// begin opens the file with its first line, unless that is done.
func (t *auditTrail) begin() error {
	if t.file != nil {
		return nil
	}
	if err := os.MkdirAll(t.folder, 0o700); err != nil {
		return fmt.Errorf("create the audit folder: %w", err)
	}
	name := fmt.Sprintf("audit-%s-%d-%s%s", t.now().UTC().Format("20060102T150405Z"), t.self.pid, newID()[:8], auditSuffix)
	file, err := t.create(filepath.Join(t.folder, name))
	if err != nil {
		return fmt.Errorf("create audit file: %w", err)
	}
	t.file, t.next, t.prev = file, 0, ""
	err = t.append(AuditLine{Outcome: auditGenesis, Instance: t.self.instance, Process: t.self.pid})
	if err != nil {
		// A full disk may take names but no lines: one for each try would use them up.
		err = errors.Join(err, os.Remove(file.Name()))
	}
	return err
}

func (t *auditTrail) append(line AuditLine) error {
	line.Sequence, line.Time, line.Prev = t.next, t.now().UTC(), t.prev
	encoded, err := line.sealLine()
	if err != nil {
		return err
	}
	if _, err := t.file.Write(encoded); err != nil {
		closed := t.file.Close()
		t.file = nil
		return fmt.Errorf("write audit line: %w", errors.Join(err, closed))
	}
	t.next, t.prev = t.next+1, line.Hash
	return nil
}

func (t *auditTrail) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return nil
	}
	err := errors.Join(t.file.Sync(), t.file.Close())
	t.file = nil
	if err != nil {
		return fmt.Errorf("close audit file: %w", err)
	}
	return nil
}

// record is the audit line of an attempt.
func (a *attempt) record(outcome string) AuditLine {
	return AuditLine{
		Caller: a.name, Tool: a.call.Spec.Name, Class: a.call.Spec.Class.String(), Arguments: a.given, Handle: a.id, Outcome: outcome,
	}
}

// note writes down an attempt that sent nothing.
func (g *Gate) note(ctx context.Context, a *attempt, outcome string) {
	g.options.Observe(a.call.Spec.Class.String(), outcome)
	if err := g.audit.write(a.record(outcome)); err != nil {
		g.options.Logger.ErrorContext(ctx, "a line is missing in the audit trail", slog.String("id", a.id), slog.Any("error", err))
	}
}

// auditOutcome names how an attempt that sent nothing was answered.
func auditOutcome(result tools.Result, err error) string {
	switch {
	case err != nil:
		return tools.Explain(err).Code
	case result.Pending != nil:
		return "pending"
	default:
		return "replayed"
	}
}
