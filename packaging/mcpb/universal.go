package main

import (
	"bytes"
	"debug/macho"
	"encoding/binary"
	"fmt"
)

// slice is a program for one processor of macOS.
type slice struct {
	processor, variant uint32
	program            []byte
}

func sliceOf(program []byte) (slice, error) {
	file, err := macho.NewFile(bytes.NewReader(program))
	if err != nil {
		return slice{}, fmt.Errorf("read a program of macOS: %w", err)
	}
	return slice{uint32(file.Cpu), file.SubCpu, program}, nil
}

const (
	// fatHeader and fatEntry are the sizes of the header of a universal program and of what it says of each slice, in bytes.
	fatHeader, fatEntry = 8, 20
	// pageBits is the alignment of a slice: a page of Apple's processors, 16 KiB.
	pageBits = 14
)

// universal joins programs for several processors to one file, of which macOS starts the one that fits: a header in big
// endian, then each program at the start of a page (mach-o/fat.h). Each keeps the signature that the linker gave it.
func universal(slices []slice) []byte {
	const page = 1 << pageBits
	header := binary.BigEndian.AppendUint32(nil, macho.MagicFat)
	header = binary.BigEndian.AppendUint32(header, uint32(len(slices))) //nolint:gosec // two
	offset := (fatHeader + fatEntry*len(slices) + page - 1) / page * page
	var programs []byte
	for _, one := range slices {
		for _, word := range []uint32{one.processor, one.variant, uint32(offset), uint32(len(one.program)), pageBits} { //nolint:gosec // far below 4 GiB
			header = binary.BigEndian.AppendUint32(header, word)
		}
		padded := (len(one.program) + page - 1) / page * page
		programs = append(programs, one.program...)
		programs = append(programs, make([]byte, padded-len(one.program))...)
		offset += padded
	}
	padding := (page - len(header)%page) % page
	return append(append(header, make([]byte, padding)...), programs...)
}
