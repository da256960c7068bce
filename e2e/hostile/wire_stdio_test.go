package hostile

import (
	"bufio"
	"io"
)

// stdioWire talks to a server over its stdin and stdout.
type stdioWire struct {
	server *server
	inbox
}

// dialStdio reads what the server says. It introduces itself if it is told to.
func dialStdio(s *server, introduced bool) *stdioWire {
	s.t.Helper()
	w := &stdioWire{server: s}
	go func() {
		reader := bufio.NewReaderSize(s.stdout, 1<<20)
		for {
			line, err := reader.ReadBytes('\n')
			if len(line) > 1 {
				w.deliver(line)
			}
			if err != nil {
				return
			}
		}
	}()
	if introduced {
		if answer := ask(s.t, w, hello, `"hello"`); answer.Result == nil {
			s.t.Fatalf("initialize: %s", answer.raw)
		}
		w.write(helloDone + "\n")
	}
	return w
}

func (w *stdioWire) encode(id, method, params string) string { return plain(id, method, params) }

func (w *stdioWire) send(message string, ids ...string) <-chan reply {
	to, fail := w.expect(ids)
	if _, err := io.WriteString(w.server.stdin, message+"\n"); err != nil {
		fail(reply{err: err})
	}
	return to
}

// write writes what needs no answer.
func (w *stdioWire) write(text string) {
	w.server.t.Helper()
	if _, err := io.WriteString(w.server.stdin, text); err != nil {
		w.server.t.Errorf("write to the server: %v", err)
	}
}

func (w *stdioWire) leave() { _ = w.server.stdin.Close() }

func (w *stdioWire) host() *server { return w.server }
