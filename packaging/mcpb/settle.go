package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// The parts of a zip archive that hold a time, with where it is and how long the part is (APPNOTE.TXT, 4.3).
const (
	endSignature, endSize, endCount, endOffset                      = 0x06054b50, 22, 10, 16
	entrySignature, entrySize, entryTime, entryName, entryAt        = 0x02014b50, 46, 12, 28, 42
	localSignature, localSize, localTime                            = 0x04034b50, 30, 10
	firstTime                                                uint32 = 0x00210000 // 1980-01-01 00:00, as MS-DOS writes it
)

var errNoArchive = errors.New("it is no archive as the packing tool writes it")

// settle sets the time of every entry to the first that there is. The packing tool writes the time at which it ran, the
// only thing that differs between two bundles of the same content.
func settle(path string) error {
	archive, err := os.ReadFile(path) //nolint:gosec // it was just packed
	if err != nil {
		return fmt.Errorf("read the bundle: %w", err)
	}
	if err := setTimes(archive); err != nil {
		return fmt.Errorf("set the times of %s: %w", path, err)
	}
	if err := os.WriteFile(path, archive, 0o644); err != nil { //nolint:gosec // it is for everybody
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}

func setTimes(archive []byte) error {
	end := len(archive) - endSize
	if !has(archive, end, endSignature, endSize) {
		return errNoArchive
	}
	at := int(binary.LittleEndian.Uint32(archive[end+endOffset:]))
	for range binary.LittleEndian.Uint16(archive[end+endCount:]) {
		if !has(archive, at, entrySignature, entrySize) {
			return errNoArchive
		}
		local := int(binary.LittleEndian.Uint32(archive[at+entryAt:]))
		if !has(archive, local, localSignature, localSize) {
			return errNoArchive
		}
		binary.LittleEndian.PutUint32(archive[at+entryTime:], firstTime)
		binary.LittleEndian.PutUint32(archive[local+localTime:], firstTime)
		next := at + entrySize
		for field := range 3 { // its name, what else it says, its comment
			next += int(binary.LittleEndian.Uint16(archive[at+entryName+2*field:]))
		}
		at = next
	}
	return nil
}

// has reports whether a part of the archive is where it should be.
func has(archive []byte, at int, signature uint32, size int) bool {
	return at >= 0 && at+size <= len(archive) && binary.LittleEndian.Uint32(archive[at:]) == signature
}
