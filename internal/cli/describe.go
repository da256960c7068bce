package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Commands gives the tree of commands, for what is written from it: manual pages and completions. Nothing of it can run,
// since it has no streams.
func Commands() *cobra.Command { return newRoot(Streams{}, nil) }

// FlagGroup is a heading of the help and the flags below it.
type FlagGroup struct {
	// Title is the heading, and About says in a few words what the flags are for.
	Title, About string
	Flags        []*pflag.Flag
}

// GroupFlags sorts a command's flags under the headings of the help, the command's own first. Hidden flags are left out,
// and headings without a flag.
func GroupFlags(flags *pflag.FlagSet) []FlagGroup {
	shared := flagGroups()
	var grouped []string
	for _, group := range shared {
		grouped = append(grouped, group.flags...)
	}
	var own []string
	flags.VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(grouped, flag.Name) {
			own = append(own, flag.Name)
		}
	})
	var groups []FlagGroup
	for _, group := range slices.Insert(shared, 0, flagGroup{title: "Flags", flags: own}) {
		var found []*pflag.Flag
		for _, name := range group.flags {
			if flag := flags.Lookup(name); flag != nil && !flag.Hidden {
				found = append(found, flag)
			}
		}
		if len(found) > 0 {
			groups = append(groups, FlagGroup{group.title, group.about, found})
		}
	}
	return groups
}
