package server

import (
	"bytes"
	"encoding/json"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// withSubscription gives a message of a listen stream with the stream's id as the client wrote it: the library rounds
// integers to floats.
func withSubscription(message []byte, id json.RawMessage) []byte {
	rounded := roundedID(id)
	if rounded == "" {
		return message
	}
	const key = `"` + mcp.MetaKeySubscriptionID + `":` // no text within the message reads like it: its quotes are escaped there
	for _, end := range []string{",", "}"} {
		message = bytes.ReplaceAll(message, []byte(key+rounded+end), []byte(key+string(id)+end))
	}
	return message
}

// roundedID gives an integer as the library writes it; nothing when that is the same.
func roundedID(id json.RawMessage) string {
	var number float64
	if json.Unmarshal(id, &number) != nil {
		return ""
	}
	encoded, err := json.Marshal(number)
	if err != nil || bytes.Equal(encoded, id) {
		return ""
	}
	return string(encoded)
}

// subscriptions are the ids of the open listen streams of a pipe that the library rounds, by what they become.
type subscriptions struct {
	mu  sync.Mutex
	ids map[string]json.RawMessage
}

// note remembers a stream until forget is called.
func (s *subscriptions) note(id json.RawMessage) (forget func()) {
	rounded := roundedID(id)
	if rounded == "" {
		return func() {}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = map[string]json.RawMessage{}
	}
	s.ids[rounded] = id
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.ids, rounded)
	}
}

// restore gives a message with the id of its stream as the client wrote it.
func (s *subscriptions) restore(message []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.ids {
		message = withSubscription(message, id)
	}
	return message
}
