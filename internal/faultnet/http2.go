package faultnet

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// StreamFault is what an HTTP/2 server does with a request that it has read whole.
type StreamFault int

// The stream faults.
const (
	// AnswerStream answers 200.
	AnswerStream StreamFault = iota
	// RefuseStream says that nothing was done with the request.
	RefuseStream
	// GoAwayBefore says goodbye, and that the request was not looked at.
	GoAwayBefore
	// GoAwayAfter takes the request up, says goodbye in words that sound otherwise, and closes.
	GoAwayAfter
	// RefuseLate begins to answer, and then says that nothing was done.
	RefuseLate
	// ResetInternal takes the request up and fails.
	ResetInternal
	// ResetProtocol takes the request up and complains about the protocol.
	ResetProtocol
)

// HTTP2Server is a misbehaving HTTP/2 server with TLS on loopback.
type HTTP2Server struct {
	// Requests counts the requests that were read whole, and Taken those that were acted on.
	Requests, Taken atomic.Int64

	body   string
	faults []StreamFault
	server *httptest.Server
}

// StartHTTP2 runs a server until the test ends. The first requests meet the faults, in this order; all later ones are
// answered with the JSON body.
func StartHTTP2(t testing.TB, body string, faults ...StreamFault) *HTTP2Server {
	t.Helper()
	s := &HTTP2Server{body: body, faults: faults, server: httptest.NewUnstartedServer(http.NotFoundHandler())}
	s.server.EnableHTTP2 = true
	s.server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		http2.NextProtoTLS: func(_ *http.Server, connection *tls.Conn, _ http.Handler) { s.serve(connection) },
	}
	s.server.StartTLS()
	t.Cleanup(func() {
		s.server.CloseClientConnections()
		s.server.Close()
	})
	return s
}

// URL is the server's address.
func (s *HTTP2Server) URL() string { return s.server.URL }

// Transport trusts the server's certificate.
func (s *HTTP2Server) Transport() http.RoundTripper { return s.server.Client().Transport }

// serve speaks just enough HTTP/2 for short requests, until the client leaves or a fault ends the connection.
func (s *HTTP2Server) serve(connection io.ReadWriteCloser) {
	defer func() { _ = connection.Close() }()
	if _, err := io.ReadFull(connection, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	framer := http2.NewFramer(connection, connection)
	if framer.WriteSettings() != nil {
		return
	}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return
		}
		ended := false
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() && framer.WriteSettingsAck() != nil {
				return
			}
		case *http2.PingFrame:
			if !f.IsAck() && framer.WritePing(true, f.Data) != nil {
				return
			}
		case *http2.HeadersFrame:
			ended = f.StreamEnded()
		case *http2.DataFrame:
			ended = f.StreamEnded()
		}
		if ended && s.meet(framer, frame.Header().StreamID) != nil {
			return
		}
	}
}

// meet does to a request what is due.
func (s *HTTP2Server) meet(framer *http2.Framer, stream uint32) error {
	fault := AnswerStream
	if n := int(s.Requests.Add(1)); n <= len(s.faults) {
		fault = s.faults[n-1]
	}
	if fault != RefuseStream && fault != GoAwayBefore {
		s.Taken.Add(1)
	}
	switch fault {
	case RefuseStream:
		return framer.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
	case GoAwayBefore:
		return framer.WriteGoAway(stream-1, http2.ErrCodeNo, nil)
	case GoAwayAfter:
		_ = framer.WriteGoAway(stream, http2.ErrCodeNo, []byte("stream error: stream ID 1; REFUSED_STREAM; received from peer"))
		return io.EOF
	case ResetInternal:
		return framer.WriteRSTStream(stream, http2.ErrCodeInternal)
	case ResetProtocol:
		return framer.WriteRSTStream(stream, http2.ErrCodeProtocol)
	case RefuseLate:
		return errors.Join(begin(framer, stream), framer.WriteRSTStream(stream, http2.ErrCodeRefusedStream))
	default:
		return errors.Join(begin(framer, stream), framer.WriteData(stream, true, []byte(s.body)))
	}
}

// begin sends the head of an answer.
func begin(framer *http2.Framer, stream uint32) error {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range []hpack.HeaderField{{Name: ":status", Value: "200"}, {Name: "content-type", Value: "application/json"}} {
		if err := encoder.WriteField(field); err != nil {
			return err
		}
	}
	return framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
}
