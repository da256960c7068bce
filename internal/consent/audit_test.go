package consent

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/tools"
)

func auditing(folder string) func(*Options) { return func(o *Options) { o.AuditFolder = folder } }

// trail makes a few calls and gives the lines of their audit file.
func trail(t *testing.T, folder string) (path string, lines []string) {
	t.Helper()
	b := newBench(t, MemoryJournal, auditing(folder))
	ctx := tools.WithCaller(t.Context(), tools.Caller{ID: "alice@example.org"})
	call := keyed(b.call("0.123"), "order-1")
	handle := ask(t, b.gate, ctx, call).Handle
	for range 2 {
		if _, err := b.gate.Pass(ctx, confirmed(call, handle)); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = b.gate.Pass(ctx, confirmed(call, "c1forged"))
	if err := b.gate.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return files[0], strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestAuditTrail(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "audit")
	path, lines := trail(t, folder)
	outcomes := []string{}
	for _, text := range lines {
		var line AuditLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		outcomes = append(outcomes, line.Outcome)
		if line.Outcome == string(Succeeded) && (line.RequestID != "req-1" || line.Handle == "" || line.Class != "money" || line.Arguments == "") {
			t.Errorf("%s", text)
		}
	}
	want := []string{"genesis", "pending", "claim", "succeeded", "replayed", "confirmation_invalid"}
	if !slices.Equal(outcomes, want) {
		t.Fatalf("%v, want %v", outcomes, want)
	}
	for _, value := range []string{"alice", "0.123", "bob", "order-1", "c1forged"} {
		if strings.Contains(strings.Join(lines, ""), `"`+value) {
			t.Errorf("%q is in the trail", value)
		}
	}
	for name, mode := range map[string]os.FileMode{folder: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%v %v", info.Mode(), err)
		}
	}
	report, err := VerifyAudit(folder)
	if err != nil || report.Files != 1 || report.Lines != len(want) || len(report.Faults)+len(report.Torn) != 0 {
		t.Fatalf("%+v %v", report, err)
	}
}

func TestVerifyAuditFindsTampering(t *testing.T) {
	folder := t.TempDir()
	path, lines := trail(t, folder)
	last := len(lines) - 1
	lines[last] += "\n"
	check := func(name string, tampered []string, line, torn int) {
		t.Helper()
		if err := os.WriteFile(path, []byte(strings.Join(tampered, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		report, err := VerifyAudit(folder)
		if err != nil || len(report.Torn) != torn {
			t.Fatalf("%s: %+v %v", name, report, err)
		}
		if line == 0 && len(report.Faults) == 0 {
			return
		}
		if len(report.Faults) != 1 || report.Faults[0].Line != line || report.Faults[0].File != path {
			t.Errorf("%s: %+v, want line %d", name, report.Faults, line)
		}
	}
	check("untouched", lines, 0, 0)
	for i := range lines {
		for at := range len(lines[i]) - 1 {
			changed := []byte(lines[i])
			changed[at] ^= 1
			if bytes.ContainsRune(changed[:len(changed)-1], '\n') {
				continue // that would be two lines
			}
			check("changed", slices.Replace(slices.Clone(lines), i, i+1, string(changed)), i+1, 0)
		}
		check("spaces", slices.Replace(slices.Clone(lines), i, i+1, " "+lines[i]), i+1, 0)
		check("doubled", slices.Insert(slices.Clone(lines), i, lines[i]), i+2, 0)
		if i < last {
			check("removed", slices.Delete(slices.Clone(lines), i, i+1), i+1, 0)
			swapped := slices.Clone(lines)
			swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
			check("swapped", swapped, i+1, 0)
		}
	}
	check("torn", append(slices.Clone(lines[:last]), lines[last][:10]), 0, 1)
	check("empty", nil, 0, 1)
}

func TestNoAuditNoCall(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "audit")
	b := newBench(t, MemoryJournal, auditing(folder))
	handle := ask(t, b.gate, t.Context(), b.call("0.5")).Handle
	if err := b.gate.audit.file.Close(); err != nil { // as a full disk: the next write fails
		t.Fatal(err)
	}
	if err := os.Rename(folder, folder+"-gone"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil { // and no new file can be made
		t.Fatal(err)
	}
	_, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle))
	wantCode(t, err, tools.CodeJournalUnavailable)
	if b.gate.Check(t.Context()) == nil {
		t.Error("no complaint")
	}
	wantCommits(t, b, 0)
	if _, err := b.gate.Pass(t.Context(), classed(b.call("0.5"), client.Update)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := b.gate.Pass(t.Context(), confirmed(b.call("0.5"), handle)); err != nil {
		t.Fatal(err) // a new file, and the handle is still good
	}
	wantCommits(t, b, 2)
	if report, err := VerifyAudit(folder); err != nil || len(report.Faults)+len(report.Torn) != 0 || report.Lines != 3 {
		t.Fatalf("%+v %v", report, err)
	}
}

// TestAFullDiskIsNotFilledWithNames tries again and again on a disk that takes names of files but no lines.
func TestAFullDiskIsNotFilledWithNames(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "audit")
	b := newBench(t, MemoryJournal, auditing(folder))
	b.gate.audit.create = func(path string) (*os.File, error) {
		return os.OpenFile(path, os.O_RDONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	for range 3 {
		if err := b.gate.Check(t.Context()); err == nil {
			t.Fatal("no line was written, and nothing was said of it")
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) > 0 {
		t.Fatalf("%v %v", files, err)
	}
}
