package consent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// AuditFault is a line of the audit trail that is not as it was written.
type AuditFault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Problem string `json:"problem"`
}

// AuditReport is what [VerifyAudit] found.
type AuditReport struct {
	Files int `json:"files"`
	// Lines counts those that are whole and in their place.
	Lines int `json:"lines"`
	// Faults has the first fault of each file: what follows it proves nothing.
	Faults []AuditFault `json:"faults"`
	// Torn has last lines that were not written to their end, as a crash leaves them. They are no faults.
	Torn []AuditFault `json:"torn"`
}

// VerifyAudit checks all files of an audit folder. It finds lines that were changed, removed, moved or inserted; what it
// cannot see is that whole lines are missing at the end of a file, or a file as a whole.
func VerifyAudit(folder string) (AuditReport, error) {
	report := AuditReport{Faults: []AuditFault{}, Torn: []AuditFault{}}
	files, err := filepath.Glob(filepath.Join(folder, "*"+auditSuffix))
	if err != nil {
		return report, fmt.Errorf("list audit files: %w", err)
	}
	slices.Sort(files)
	for _, file := range files {
		if err := report.verifyFile(file); err != nil {
			return report, err
		}
	}
	return report, nil
}

func (r *AuditReport) verifyFile(path string) (err error) {
	file, err := os.Open(path) //nolint:gosec // the user names the folder
	if err != nil {
		return fmt.Errorf("open audit file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r.Files++
	reader := bufio.NewReader(file)
	var previous AuditLine
	for number := 1; ; number++ {
		text, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			switch {
			case json.Valid(text):
				r.Faults = append(r.Faults, AuditFault{File: path, Line: number, Problem: "the last line was changed: it is whole but does not end"})
			case len(text) > 0:
				r.Torn = append(r.Torn, AuditFault{File: path, Line: number, Problem: "the last line is torn"})
			case number == 1:
				r.Torn = append(r.Torn, AuditFault{File: path, Line: number, Problem: "the file is empty"})
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("read audit file: %w", err)
		}
		line, problem := checkLine(text, previous, number)
		if problem != "" {
			r.Faults = append(r.Faults, AuditFault{File: path, Line: number, Problem: problem})
			return nil
		}
		previous = line
		r.Lines++
	}
}

// checkLine compares a line with what would have been written after the one before.
func checkLine(text []byte, previous AuditLine, number int) (line AuditLine, problem string) {
	if err := json.Unmarshal(text, &line); err != nil {
		return line, "the line is not JSON"
	}
	stated := line.Hash
	rewritten, err := line.sealLine()
	if err != nil || stated != line.Hash || !bytes.Equal(rewritten, text) {
		return line, "the line was changed"
	}
	if (number == 1) != (line.Outcome == auditGenesis) || line.Sequence != int64(number-1) || line.Prev != previous.Hash {
		return line, "a line before this one was removed, or this one was moved or inserted"
	}
	return line, ""
}
