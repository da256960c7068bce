package main

import (
	"archive/zip"
	"bytes"
	"debug/macho"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/robutlerai/robutler-mcp/internal/bundles"
)

// thin is the least that is a program of macOS: a header of 64 bits without commands, and some code.
func thin(t *testing.T, processor macho.Cpu, code string) []byte {
	t.Helper()
	program := binary.LittleEndian.AppendUint32(nil, macho.Magic64)
	for _, word := range []uint32{uint32(processor), 3, uint32(macho.TypeExec), 0, 0, 0, 0} {
		program = binary.LittleEndian.AppendUint32(program, word)
	}
	return append(program, code...)
}

func TestUniversal(t *testing.T) {
	t.Parallel()
	programs := [][]byte{thin(t, macho.CpuAmd64, "for Intel"), thin(t, macho.CpuArm64, string(make([]byte, 40_000)))}
	var slices []slice
	for _, program := range programs {
		one, err := sliceOf(program)
		if err != nil {
			t.Fatal(err)
		}
		slices = append(slices, one)
	}
	joined := universal(slices)
	file, err := macho.NewFatFile(bytes.NewReader(joined))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []macho.Cpu{macho.CpuAmd64, macho.CpuArm64} {
		arch := file.Arches[i]
		if arch.Cpu != want || arch.Offset%(1<<pageBits) != 0 || !bytes.Equal(joined[arch.Offset:arch.Offset+arch.Size], programs[i]) {
			t.Errorf("%+v", arch.FatArchHeader)
		}
	}
	if _, err := sliceOf([]byte("\x7fELF")); err == nil {
		t.Error("a program of Linux is taken for one of macOS")
	}
}

func archive(t *testing.T, at time.Time) []byte {
	t.Helper()
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	for _, name := range []string{"manifest.json", "server/robutler-mcp"} {
		// Raw entries have no data descriptors and no second time, as those of the packing tool.
		header := &zip.FileHeader{Name: name, Method: zip.Store, CompressedSize64: 3, UncompressedSize64: 3, CRC32: 0x352441c2}
		header.ModifiedDate, header.ModifiedTime = uint16((at.Year()-1980)<<9|int(at.Month())<<5|at.Day()), uint16(at.Hour()<<11|at.Minute()<<5) //nolint:staticcheck // as the tool does
		entry, err := writer.CreateRaw(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, "abc"); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func TestSetTimes(t *testing.T) {
	t.Parallel()
	first, second := archive(t, time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)), archive(t, time.Date(2027, 5, 6, 7, 8, 0, 0, time.UTC))
	if bytes.Equal(first, second) {
		t.Fatal("the archives do not differ to begin with")
	}
	for _, packed := range [][]byte{first, second} {
		if err := setTimes(packed); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first, second) {
		t.Error("the archives still differ")
	}
	reader, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range reader.File {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(content)
		if err != nil || string(text) != "abc" || file.Modified.Year() != 1980 {
			t.Errorf("%s: %q of %s, %v", file.Name, text, file.Modified, err)
		}
	}
	for _, bad := range [][]byte{nil, []byte("PK"), first[:len(first)-1], append(bytes.Clone(first), 0)} {
		if err := setTimes(bad); err == nil {
			t.Errorf("%d bytes are taken for an archive", len(bad))
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	if all, err := choose(nil); err != nil || len(all) != len(bundles.Platforms()) {
		t.Errorf("%v, %v", all, err)
	}
	for name, want := range map[string]string{"linux/arm64": "linux/arm64", "darwin/arm64": "darwin/universal", "darwin/universal": "darwin/universal"} {
		if chosen, err := choose([]string{name}); err != nil || len(chosen) != 1 || chosen[0].String() != want {
			t.Errorf("%s: %v, %v", name, chosen, err)
		}
	}
	if _, err := choose([]string{"plan9/amd64"}); err == nil {
		t.Error("no error")
	}
}
