// Command robutler-mcp gives language models, IDEs and scripts safe hands on the Robutler agent platform.
package main

import (
	"os"

	"github.com/robutlerai/robutler-mcp/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.SystemStreams()))
}
