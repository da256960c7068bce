package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker for released binaries.
var release string //nolint:gochecknoglobals // the linker can set nothing else

// version names this build: the release, else the module's version, else dev.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// versionLine names this build, what compiled it and what it is for.
func versionLine() string {
	return fmt.Sprintf("robutler-mcp %s (%s, %s/%s)", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func newVersion(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Prints the version, what compiled the program and what for. Quote it when you report a fault.",
		Example: "  robutler-mcp version\n  robutler-mcp --version",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return printVersion(streams) },
	}
}

func printVersion(streams Streams) error {
	_, err := fmt.Fprintln(streams.Out, versionLine())
	return err //nolint:wrapcheck // a closed stdout says it all
}
