package cli

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"syscall"
)

// span is where a part of the program lies in memory.
type span struct{ from, to uintptr }

// giveBackPages gives back the pages of the program's own file, most of which only the start needed. They are in the kernel's
// cache, and what is still needed comes back from there when it is read again. A probe of the kernel that is put into the code at
// this very moment is lost.
func giveBackPages() error {
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("look at the own memory: %w", err)
	}
	defer func() { _ = smaps.Close() }()
	// A program at a fixed address comes first, and the kernel gives a page of text at a time: it looks at no more.
	text := make([]byte, os.Getpagesize())
	n, err := smaps.Read(text)
	if err != nil {
		return fmt.Errorf("look at the own memory: %w", err)
	}
	found := asInFile(string(text[:n]), reflect.ValueOf(giveBackPages).Pointer())
	if len(found) == 0 {
		return errors.New("look at the own memory: the program is not the first in it, or is being debugged")
	}
	for _, each := range found {
		if _, _, fault := syscall.Syscall(syscall.SYS_MADVISE, each.from, each.to-each.from, syscall.MADV_DONTNEED); fault != 0 {
			return fmt.Errorf("give back pages: %w", fault)
		}
	}
	return nil
}

// region is an entry of smaps, proc(5).
type region struct {
	span

	path string
	// fromFile says that it is read and never written, and that no process shares what it changes.
	fromFile bool
	// own says that some of it is not as in the file, whether in memory or swapped out. Both sizes are known unless the entry is
	// cut off.
	own   bool
	known int
}

// asInFile gives the spans of the file that has the code at an address, as far as they are as in the file. What can be written
// is not, nor is code in which a debugger or a probe has put its marks: it has pages of its own, which would be lost.
func asInFile(smaps string, code uintptr) []span {
	var regions []region
	program := ""
	for line := range strings.Lines(smaps) {
		fields := strings.Fields(line)
		if len(fields) > 4 && len(fields[1]) == 4 { // where, what is allowed, offset, device, inode and perhaps a path
			latest := region{span: spanOf(fields[0]), path: strings.Join(fields[5:], " "), fromFile: fields[1][:2] == "r-" && fields[1][3] == 'p'}
			if latest.from <= code && code < latest.to && strings.HasPrefix(latest.path, "/") {
				program = latest.path
			}
			regions = append(regions, latest)
			continue
		}
		if len(fields) == 3 && len(regions) > 0 && (fields[0] == "Anonymous:" || fields[0] == "Swap:") {
			latest := &regions[len(regions)-1]
			latest.known++
			latest.own = latest.own || fields[1] != "0"
		}
	}
	var found []span
	for _, each := range regions {
		if program != "" && each.path == program && each.fromFile && each.known == 2 && !each.own {
			found = append(found, each.span)
		}
	}
	return found
}

// spanOf reads two addresses in hexadecimal, with a hyphen between them. It gives none where there are none.
func spanOf(text string) span {
	from, to, _ := strings.Cut(text, "-")
	first, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return span{}
	}
	last, err := strconv.ParseUint(to, 16, 64)
	if err != nil || last < first {
		return span{}
	}
	return span{uintptr(first), uintptr(last)}
}
