package cli

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// region is one entry of smaps, as far as it is read.
func region(where, allowed, path string, own int) string {
	return fmt.Sprintf("%s %s 00000000 fe:00 11174365                           %s\nSize:              10512 kB\nRss:                9296 kB\n"+
		"Anonymous:      %8d kB\nVmFlags: rd ex mr mw me \n", where, allowed, path, own)
}

func TestOnlyPagesAsInTheFileAreGivenBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		smaps string
		want  []span
	}{
		"code, constants and data": {
			region("00400000-00e44000", "r-xp", "/bin/p", 0) + region("00e44000-0188f000", "r--p", "/bin/p", 0) +
				region("0188f000-01981000", "rw-p", "/bin/p", 0) + "01981000-039ce000 rw-p 00000000 00:00 0 \nAnonymous:             0 kB\n",
			[]span{{0x400000, 0xe44000}, {0xe44000, 0x188f000}},
		},
		"marks of a debugger": {
			region("00400000-00e44000", "r-xp", "/bin/p", 4) + region("00e44000-0188f000", "r--p", "/bin/p", 0),
			[]span{{0xe44000, 0x188f000}},
		},
		"another file":      {region("00400000-00e44000", "r-xp", "/bin/p", 8) + region("00e44000-0188f000", "r--p", "/lib/q", 0), nil},
		"cut off":           {region("00400000-00e44000", "r-xp", "/bin/p", 0)[:100], nil},
		"no addresses":      {region("zebra-00e44000", "r-xp", "/bin/p", 0) + region("00400000-", "r--p", "/bin/p", 0), nil},
		"the wrong way":     {region("00e44000-00400000", "r-xp", "/bin/p", 0), nil},
		"nothing":           {"", nil},
		"a path with words": {region("00400000-00e44000", "r-xp", "/my programs/p", 0), []span{{0x400000, 0xe44000}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := asInFile(test.smaps); !slices.Equal(got, test.want) {
				t.Errorf("got %x, want %x", got, test.want)
			}
		})
	}
}

// TestPagesComeBack is alone in the process for as long as it measures, since it is not parallel.
func TestPagesComeBack(t *testing.T) {
	sum := func() (n int) {
		for _, each := range Commands().Commands() {
			n += len(each.Long)
		}
		return n
	}
	want, before := sum(), fileMemory(t)
	if err := giveBackPages(); err != nil {
		t.Fatal(err)
	}
	if after := fileMemory(t); after >= before {
		t.Errorf("%d kB of files were mapped, and %d kB still are", before, after)
	}
	if got := sum(); got != want {
		t.Errorf("got %d, want %d as before", got, want)
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
