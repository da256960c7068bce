package schema

import (
	"encoding/base64"
	"time"

	"github.com/invopop/jsonschema"
)

const (
	formatDateTime = "date-time"
	encodingBase64 = "base64"
)

// encoding is what a string stands for, where the decoder takes less than any characters.
type encoding struct {
	fits func(string) bool
	// name reads after "must be".
	name string
}

// encodingOf gives the encoding that a schema asks for, or nil.
func encodingOf(s *jsonschema.Schema) *encoding {
	switch {
	case s.Format == formatDateTime:
		return &encoding{isDateTime, "a date and time such as 2026-01-31T12:00:00Z"}
	case s.ContentEncoding == encodingBase64:
		return &encoding{isBase64, "base64 with padding"}
	default:
		return nil
	}
}

// isDateTime reads as the decoder will, so that what fits can be decoded.
func isDateTime(text string) bool { return new(time.Time).UnmarshalText([]byte(text)) == nil }

func isBase64(text string) bool {
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}
