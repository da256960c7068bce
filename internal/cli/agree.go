package cli

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/tools"
)

// agreement is what a person said beforehand. A yes is not one to doing the same again: scripts repeat what failed.
type agreement struct{ yes, again bool }

// covers reports whether it was agreed to beforehand.
func (a agreement) covers(pending *tools.Confirmation) bool {
	return a.again || (a.yes && pending.DuplicateOf.IsZero())
}

// canAsk reports whether a person sits there who can read a question and answer it.
func canAsk(streams Streams) bool { return streams.InTerminal && streams.ErrTerminal }

// agreesAtTerminal shows a person what a call would do, and asks.
func agreesAtTerminal(ctx context.Context, streams Streams, tool string, pending *tools.Confirmation, agreed agreement) bool {
	if agreed.covers(pending) {
		return true
	}
	if !canAsk(streams) {
		return false
	}
	tellPerson(streams, "", wouldHere(tool, pending.Would, pending.Target))
	if pending.CostCredits != nil {
		fmt.Fprintf(streams.Err, "Amount: %s credits (US dollars).\n", pending.CostCredits)
	}
	if pending.Recipient != "" {
		tellPerson(streams, "", "Recipient: "+recipientHere(pending.Recipient)+".")
	}
	if !pending.DuplicateOf.IsZero() {
		tellPerson(streams, "", sameBefore(pending)+": this would do it again.")
	}
	fmt.Fprint(streams.Err, "Do it? [y/N] ")
	answer, answered := readLine(ctx, streams)
	if !answered {
		fmt.Fprintln(streams.Err)
	}
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer)))
}

// readLine waits for a line, or until the program is told to end. An end without a line is no answer.
func readLine(ctx context.Context, streams Streams) (line string, answered bool) {
	read := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(streams.In).ReadString('\n')
		read <- text
	}()
	select {
	case line = <-read:
		return line, strings.HasSuffix(line, "\n")
	case <-ctx.Done():
		return "", false
	}
}

// wouldHere words what a call would do, for whom it is done at a terminal.
func wouldHere(tool, would, target string) string {
	if tool == "get_agent_api_key" { // elsewhere it is a model that sees it
		would = "Print the secret API key of the agent " + target + ". Nothing changes."
	}
	return plainText(would)
}

// recipientHere names who gets something, for whom tools call the user.
func recipientHere(recipient string) string {
	if recipient == "the user" {
		return "you"
	}
	return plainText(recipient)
}

func sameBefore(pending *tools.Confirmation) string {
	return "The same was asked for at " + pending.DuplicateOf.Local().Format("15:04:05")
}

// tellUndecided says that nothing was done, and how to agree.
func tellUndecided(streams Streams, pending *tools.Confirmation, agreed agreement) {
	var step string
	switch {
	case canAsk(streams):
		fmt.Fprintln(streams.Err, "Nothing was done.")
		return
	case pending.DuplicateOf.IsZero():
		step = "To agree beforehand add --yes. To be asked, run it at a terminal."
	case agreed.yes:
		step = sameBefore(pending) + ", and --yes does not agree to doing it again: --yes-again does."
	default:
		step = sameBefore(pending) + ". To agree to doing it again add --yes-again. To be asked, run it at a terminal."
	}
	tellPerson(streams, "robutler-mcp: ", "nothing was done: somebody has to agree to this, and there is no terminal to ask at")
	tellPerson(streams, "  ", step)
}
