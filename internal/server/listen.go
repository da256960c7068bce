package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// listenWriter is the response to a listen request. The library acknowledges one by way of a queue and then answers, at
// once when there is nothing to listen to; the answer may overtake the acknowledgement, which is lost then. This writer
// makes up for it.
type listenWriter struct {
	http.ResponseWriter
	id           json.RawMessage
	held         bool // the headers are, until it is known what they belong to
	acknowledged bool
}

// WriteHeader holds back the headers of an answer that is no stream.
func (l *listenWriter) WriteHeader(status int) {
	if l.held = status == http.StatusOK && !strings.HasPrefix(l.Header().Get("Content-Type"), "text/event-stream"); !l.held {
		l.ResponseWriter.WriteHeader(status)
	}
}

// Write writes what the library does, one message at a time: first of all the acknowledgement.
func (l *listenWriter) Write(p []byte) (int, error) {
	data, streaming := bytes.CutPrefix(p, []byte(eventPrefix))
	whole := p
	var sent response
	readable := json.Unmarshal(data, &sent) == nil
	if readable && sent.Result != nil && !l.acknowledged {
		whole = append(eventOf(l.acknowledgement()), eventOf(data)...)
		l.Header().Set("Content-Type", "text/event-stream")
	}
	whole = withSubscription(whole, l.id)
	l.acknowledged = l.acknowledged || (streaming && readable)
	if l.held {
		l.held = false
		l.ResponseWriter.WriteHeader(http.StatusOK)
	}
	if _, err := l.ResponseWriter.Write(whole); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Unwrap lets [http.ResponseController] reach the connection.
func (l *listenWriter) Unwrap() http.ResponseWriter { return l.ResponseWriter }

// acknowledgement says that the stream carries nothing.
func (l *listenWriter) acknowledgement() []byte {
	encoded, err := json.Marshal(map[string]any{
		"jsonrpc": mcp.JSONRPC_VERSION, "method": mcp.MethodNotificationSubscriptionsAcknowledged,
		"params": map[string]any{
			"_meta":         map[string]any{mcp.MetaKeySubscriptionID: l.id},
			"notifications": struct{}{},
		},
	})
	if err != nil {
		return nil
	}
	return encoded
}
