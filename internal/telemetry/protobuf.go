package telemetry

import (
	"encoding/binary"
	"slices"
	"strings"
)

// message is a message of Protocol Buffers in the binary format, as far as it is written. The library for any message
// would make this program 2 MB larger, for the one that it sends.
type message []byte

// The ways in which fields are written: https://protobuf.dev/programming-guides/encoding/.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireLength  = 2
	wireFixed32 = 5
)

func (m *message) tag(field, wire uint64) { *m = binary.AppendUvarint(*m, field<<3|wire) }

func (m *message) varint(field, value uint64) {
	m.tag(field, wireVarint)
	*m = binary.AppendUvarint(*m, value)
}

func (m *message) fixed64(field, value uint64) {
	m.tag(field, wireFixed64)
	*m = binary.LittleEndian.AppendUint64(*m, value)
}

func (m *message) fixed32(field uint64, value uint32) {
	m.tag(field, wireFixed32)
	*m = binary.LittleEndian.AppendUint32(*m, value)
}

func (m *message) bytes(field uint64, value []byte) {
	m.tag(field, wireLength)
	*m = append(binary.AppendUvarint(*m, uint64(len(value))), value...)
}

// nested writes a message within this one. Its length, which stands ahead of it, is known when it is written.
func (m *message) nested(field uint64, write func(*message)) {
	m.tag(field, wireLength)
	start := len(*m)
	write(m)
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], uint64(len(*m)-start)) //nolint:gosec // what was written has no negative length
	*m = slices.Insert(*m, start, length[:size]...)
}

// text writes a string, which must be UTF-8: readers refuse all of a message that holds anything else.
func (m *message) text(field uint64, value string) {
	value = strings.ToValidUTF8(value, "\uFFFD")
	m.tag(field, wireLength)
	*m = append(binary.AppendUvarint(*m, uint64(len(value))), value...)
}
