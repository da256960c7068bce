package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// span is where a part of the program lies in memory.
type span struct{ from, to uintptr }

// giveBackPages gives back the pages of the program's own file, most of which only the start needed. They are in the kernel's
// cache, and what is still needed comes back from there when it is read again.
func giveBackPages() error {
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("look at the own memory: %w", err)
	}
	defer func() { _ = smaps.Close() }()
	// The program comes first, and the kernel gives a page of text at a time: it looks at no more.
	text := make([]byte, os.Getpagesize())
	n, err := smaps.Read(text)
	if err != nil {
		return fmt.Errorf("look at the own memory: %w", err)
	}
	for _, each := range asInFile(string(text[:n])) {
		if _, _, fault := syscall.Syscall(syscall.SYS_MADVISE, each.from, each.to-each.from, syscall.MADV_DONTNEED); fault != 0 {
			return fmt.Errorf("give back pages: %w", fault)
		}
	}
	return nil
}

// asInFile gives the spans of the first file of smaps, proc(5), that are as they are in the file. What can be written is not, nor
// is code in which a debugger or a probe of the kernel has put its marks: it has pages of its own, which would be lost.
func asInFile(smaps string) []span {
	var (
		found   []span
		current span
		program string
	)
	for line := range strings.Lines(smaps) {
		fields := strings.Fields(line)
		switch {
		case len(fields) > 5 && len(fields[1]) == 4: // where, what is allowed, offset, device, inode and path
			path := strings.Join(fields[5:], " ")
			if program == "" {
				program = path
			}
			if current = (span{}); path == program && fields[1][1] == '-' {
				current = spanOf(fields[0])
			}
		case len(fields) == 3 && fields[0] == "Anonymous:" && fields[1] == "0" && current.from < current.to:
			found = append(found, current)
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
	if err != nil {
		return span{}
	}
	return span{uintptr(first), uintptr(last)}
}
