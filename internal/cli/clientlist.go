package cli

import (
	"fmt"
	"os"
	"runtime"
	"text/tabwriter"

	"github.com/robutlerai/robutler-mcp/internal/clients"
)

// machineOf tells where the user's files are.
func machineOf(streams Streams) (clients.Machine, error) {
	home, err := os.UserHomeDir()
	if value, ok := streams.Environment("HOME"); ok && value != "" {
		home, err = value, nil
	}
	if err != nil {
		return clients.Machine{}, fmt.Errorf("find the user's folder: %w", err)
	}
	return clients.Machine{OS: runtime.GOOS, Home: home, Variable: streams.Environment}, nil
}

// listClients shows which clients are known, where they keep their servers and whether this one is among them.
func listClients(streams Streams, machine clients.Machine) error {
	table := tabwriter.NewWriter(streams.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CLIENT\tNAME\tROBUTLER\tFILE")
	for _, known := range clients.All() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", known.Name, known.Title, presence(known, machine), known.Path(machine))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("list the clients: %w", err)
	}
	fmt.Fprintln(streams.Err, "\nrobutler-mcp config CLIENT --install tells a client of this server. One that is not found seems not to be on this machine.")
	return nil
}

// presence says whether a client knows this server.
func presence(known clients.Client, machine clients.Machine) string {
	entry, installed, err := known.Read(known.Path(machine))
	switch {
	case err != nil:
		return "unreadable"
	case installed && entry.Off:
		return "yes, switched off"
	case installed:
		return "yes"
	case known.Found(machine):
		return "no"
	default:
		return "client not found"
	}
}
