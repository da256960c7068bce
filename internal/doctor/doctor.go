// Package doctor finds out why a server does not work, one question at a time, and says what to do about it.
package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/internal/clients"
	"github.com/robutlerai/robutler-mcp/internal/config"
	"github.com/robutlerai/robutler-mcp/tools"
)

// Status is how a check ended.
type Status string

// The ways in which a check ends. Only Failed says that something is wrong, and makes the exit status 1. The rule, which
// docs/troubleshooting.md repeats: does something fail as things stand?
const (
	OK Status = "ok"
	// Warning is of what works, or may well work as far as can be known here: a certificate that ends soon, another
	// installation of this program, a key that only some clients pass on.
	Warning Status = "warning"
	// Failed is of what does not work until somebody changes something, if only a part: a call that is refused, a tool
	// that is not there, a client that cannot start this program.
	Failed Status = "failed"
	// Skipped says that the check made no sense, since another failed or nothing asks for it.
	Skipped Status = "skipped"
)

// Finding is what a check found.
type Finding struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Detail is what was found.
	Detail string `json:"detail"`
	// Fix says what to do, when there is something to do.
	Fix string `json:"fix,omitempty"`
}

// Subject is what is examined. The functions may be nil where what they ask cannot be.
type Subject struct {
	// Settings are loaded, unless SettingsError says why they could not be.
	Settings      *config.Config
	SettingsError error
	// KeyError says why the file or the program that is to give the key does not.
	KeyError error
	// StartedBy is the title of the client whose settings these are; empty when they are the command's own.
	StartedBy string
	// Environment looks variables up.
	Environment config.Environment
	// Client reaches the platform that the settings name; nil when ClientError says why there is none.
	Client      *client.Client
	ClientError error
	// Tools gives what the settings offer a model.
	Tools func() (*tools.Catalog, error)
	// Journal tells why calls that move money would be refused, and JournalPlace where the journal is, without a password.
	// Journals tells whether calls of a class are written down there.
	Journal      func(context.Context) error
	JournalPlace string
	Journals     func(client.Class) bool
	// Entry reads what a client starts this program with, as this program would.
	Entry func(clients.Entry) (*config.Config, error)
	// LookUp finds the addresses of a name, and Connected tells whether this machine has a network. They are the system's
	// where they are nil.
	LookUp    func(ctx context.Context, host string) ([]net.IPAddr, error)
	Connected func() bool
	// Machine is where the configurations of MCP clients are, unless MachineError says why that is not known, and Program is
	// this program.
	Machine      clients.Machine
	MachineError error
	Program      string
}

// checkTime bounds each question that goes over the network.
const checkTime = 10 * time.Second

// Examine asks every question, in the order in which the answers help: a network that is down explains a key that
// cannot be tried.
func Examine(ctx context.Context, s Subject) []Finding {
	findings := s.settings()
	if s.SettingsError == nil {
		reached := s.network(ctx)
		findings = append(findings, reached...)
		findings = append(findings, s.platform(ctx, failed(reached))...)
		findings = append(findings, s.catalog(), s.journal(ctx))
	}
	return append(findings, s.installed()...)
}

// failed reports whether something is wrong.
func failed(findings []Finding) bool {
	for _, finding := range findings {
		if finding.Status == Failed {
			return true
		}
	}
	return false
}

// Healthy reports whether nothing is wrong.
func Healthy(findings []Finding) bool { return !failed(findings) }

// WriteJSON prints the findings as an object.
func WriteJSON(to io.Writer, findings []Finding) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"healthy": Healthy(findings), "findings": findings})
}

// Screen is what findings are shown on.
type Screen struct {
	Color bool
	// Fold breaks a text into the lines that fit beside what takes up so many cells.
	Fold func(text string, beside int) []string
}

// WriteText prints a line for each finding, and what to do below it.
func WriteText(to io.Writer, findings []Finding, screen Screen) error {
	for _, finding := range findings {
		mark, hue := finding.mark()
		if screen.Color {
			mark = "\x1b[" + hue + "m" + mark + "\x1b[0m"
		}
		lines := screen.Fold(finding.Detail, len("! environment "))
		if finding.Fix != "" {
			lead := "-> "
			for _, line := range screen.Fold(finding.Fix, len("! environment -> ")) {
				lines = append(lines, lead+line)
				lead = "   "
			}
		}
		check := finding.Check
		for _, line := range lines {
			if _, err := fmt.Fprintf(to, "%s %-11s %s\n", mark, check, line); err != nil {
				return fmt.Errorf("print the findings: %w", err)
			}
			mark, check = " ", ""
		}
	}
	return nil
}

// mark is what a finding begins with, and its color at a terminal.
func (f Finding) mark() (mark, hue string) {
	switch f.Status {
	case OK:
		return "✓", "32"
	case Warning:
		return "!", "33"
	case Failed:
		return "✗", "31"
	default:
		return "-", "2"
	}
}
