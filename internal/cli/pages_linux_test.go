package cli

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// entry is an entry of smaps, as far as it is read.
func entry(where, allowed, path string, anonymous, swapped int) string {
	return fmt.Sprintf("%s %s 00000000 fe:00 11174365                   %s\nSize:              10512 kB\nRss:                9296 kB\n"+
		"Anonymous:      %8d kB\nLazyFree:              0 kB\nSwap:           %8d kB\nSwapPss:               0 kB\nVmFlags: rd ex mr mw me \n",
		where, allowed, path, anonymous, swapped)
}

func TestOnlyPagesAsInTheFileAreGivenBack(t *testing.T) {
	t.Parallel()
	const code = 0x500000
	text, constants := span{0x400000, 0xe44000}, span{0xe44000, 0x188f000}
	unnamed := entry("01981000-039ce000", "rw-p", "", 0, 0)
	for name, test := range map[string]struct {
		smaps string
		want  []span
	}{
		"code, constants and data": {
			entry("00400000-00e44000", "r-xp", "/bin/p", 0, 0) + entry("00e44000-0188f000", "r--p", "/bin/p", 0, 0) +
				entry("0188f000-01981000", "rw-p", "/bin/p", 0, 0) + unnamed,
			[]span{text, constants},
		},
		"marks of a debugger": {
			entry("00400000-00e44000", "r-xp", "/bin/p", 4, 0) + entry("00e44000-0188f000", "r--p", "/bin/p", 0, 0), []span{constants},
		},
		"marks that are swapped out":        {entry("00400000-00e44000", "r-xp", "/bin/p", 0, 4), nil},
		"marks, and what is nobody's below": {entry("00400000-00e44000", "r-xp", "/bin/p", 4, 0) + unnamed, nil},
		"constants ahead of the code": {
			entry("00300000-00400000", "r--p", "/bin/p", 0, 0) + entry("00400000-00e44000", "r-xp", "/bin/p", 0, 0),
			[]span{{0x300000, 0x400000}, text},
		},
		"a heap with a name first": {
			entry("00200000-00300000", "---p", "[anon: Go: heap reservation]", 0, 0) +
				entry("00300000-00400000", "---p", "[anon: Go: heap reservation]", 0, 0) + entry("00400000-00e44000", "r-xp", "/bin/p", 0, 0),
			[]span{text},
		},
		"the code is elsewhere":  {entry("00e44000-0188f000", "r-xp", "/bin/p", 0, 0), nil},
		"the code has no file":   {entry("00400000-00e44000", "r-xp", "[anon: copied]", 0, 0), nil},
		"another file":           {entry("00400000-00e44000", "r-xp", "/bin/p", 8, 0) + entry("00e44000-0188f000", "r--p", "/lib/q", 0, 0), nil},
		"shared":                 {entry("00400000-00e44000", "r-xs", "/bin/p", 0, 0), nil},
		"may be written":         {entry("00400000-00e44000", "rwxp", "/bin/p", 0, 0), nil},
		"cut off ahead of sizes": {entry("00400000-00e44000", "r-xp", "/bin/p", 0, 0)[:100], nil},
		"cut off between sizes":  {strings.SplitAfter(entry("00400000-00e44000", "r-xp", "/bin/p", 0, 0), "LazyFree:")[0], nil},
		"no addresses":           {entry("zebra-00e44000", "r-xp", "/bin/p", 0, 0) + entry("00400000-", "r--p", "/bin/p", 0, 0), nil},
		"the wrong way":          {entry("00e44000-00400000", "r-xp", "/bin/p", 0, 0), nil},
		"nothing":                {"", nil},
		"a path with words":      {entry("00400000-00e44000", "r-xp", "/my programs/p", 0, 0), []span{text}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := asInFile(test.smaps, code); !slices.Equal(got, test.want) {
				t.Errorf("got %x, want %x", got, test.want)
			}
		})
	}
}

// TestPagesComeBack is alone in the process for as long as it measures, since it is not parallel.
func TestPagesComeBack(t *testing.T) {
	want, before := helpOf(Commands(), 80, true), fileMemory(t)
	if err := giveBackPages(); err != nil {
		t.Fatal(err)
	}
	if after := fileMemory(t); after >= before {
		t.Errorf("%d kB of files were mapped, and %d kB still are", before, after)
	}
	if got := helpOf(Commands(), 80, true); got != want {
		t.Error("the help reads otherwise than before")
	}
}

// fileMemory is how much of files this process has in memory, in kB.
func fileMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); fields[0] == "RssFile:" {
			mapped, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			return mapped
		}
	}
	t.Fatal("the kernel does not tell how much of files is in memory")
	return 0
}
