package server

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/robutlerai/robutler-mcp/tools"
)

// Whatever comes in, each line comes out once, in order, or is refused for its length.
func TestLineReaderKeepsEveryLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const bound = 40
		lines := rapid.SliceOf(rapid.StringMatching(`[a-z]{0,70}`)).Draw(t, "lines")
		ending := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "ending")
		input := strings.Join(lines, ending)
		if rapid.Bool().Draw(t, "complete") {
			input += ending
		}
		var in io.Reader = strings.NewReader(input)
		if rapid.Bool().Draw(t, "slow") {
			in = iotest.OneByteReader(in)
		}
		reader := &lineReader{in: bufio.NewReaderSize(in, 16), max: bound}
		got, want := []string{}, []string{}
		for {
			line, err := reader.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil && !errors.Is(err, errOversize) {
				t.Fatal(err)
			}
			if err != nil {
				got = append(got, "refused")
			} else if len(line) > 0 {
				got = append(got, string(line))
			}
		}
		for _, line := range lines {
			switch {
			case len(line) > bound:
				want = append(want, "refused")
			case line != "":
				want = append(want, line)
			}
		}
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestLineReaderReportsABrokenInput(t *testing.T) {
	broken := errors.New("the pipe broke")
	reader := &lineReader{in: bufio.NewReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken))), max: 9}
	if line, err := reader.next(); string(line) != "a" || err != nil {
		t.Fatalf("got %q, %v", line, err)
	}
	if _, err := reader.next(); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
}

// wholeLines fails a test when it is written anything but one line.
type wholeLines struct {
	t     *rapid.T
	lines []string
}

func (w *wholeLines) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("\n")) != 1 || !bytes.HasSuffix(p, []byte("\n")) {
		w.t.Fatalf("wrote %q", p)
	}
	w.lines = append(w.lines, string(bytes.TrimSpace(p)))
	return len(p), nil
}

// However the library cuts its output, the client gets whole lines.
func TestAnswerWriterWritesWholeLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := &wholeLines{t: t}
		w := newAnswerWriter(out, newLedger())
		count := rapid.IntRange(0, 20).Draw(t, "count")
		stream := strings.Repeat(`{"jsonrpc":"2.0","method":"notifications/message"}`+"\n", count)
		for stream != "" {
			n := rapid.IntRange(1, len(stream)).Draw(t, "part")
			if _, err := io.WriteString(w, stream[:n]); err != nil {
				t.Fatal(err)
			}
			stream = stream[n:]
		}
		if len(out.lines) != count {
			t.Fatalf("%d lines, want %d", len(out.lines), count)
		}
	})
}

// An answer that nobody waits for, or not any more, is not sent.
func TestAnswerWriterDropsWhatNobodyWaitsFor(t *testing.T) {
	out, calls := &bytes.Buffer{}, newLedger()
	w := newAnswerWriter(out, calls)
	calls.accept(message{ID: json.RawMessage("1"), Method: "ping"})
	for _, line := range []string{`{"jsonrpc":"2.0","id":2,"result":{}}`, `{"jsonrpc":"2.0","id":1,"result":{}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"again":true}}`, `{"jsonrpc":"2.0","id":1,"method":"ping"}`} {
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"jsonrpc":"2.0","id":1,"result":{}}` + "\n" + `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"
	if out.String() != want {
		t.Errorf("sent %s", out)
	}
}

// Whatever a client sends as an id, the answer bears it, byte for byte, and the ledger ends empty.
func TestLedgerRestoresIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id json.RawMessage
		if rapid.Bool().Draw(t, "number") {
			id, _ = json.Marshal(rapid.Int64().Draw(t, "integer"))
		} else {
			id, _ = json.Marshal(rapid.String().Draw(t, "string"))
		}
		l := newLedger()
		if refusal := l.accept(message{ID: id, Method: "ping"}); refusal != nil {
			t.Fatal(refusal.message)
		}
		idle := l.close()
		answered := `{"jsonrpc":"2.0","id":` + idKey(id) + `,"result":{}}`
		restored, open, wanted := l.restore([]byte(answered))
		var answer message
		if err := json.Unmarshal(restored, &answer); err != nil || !wanted || !bytes.Equal(open, id) {
			t.Fatalf("%s: %v", restored, err)
		}
		if !bytes.Equal(answer.ID, id) && idKey(answer.ID) != idKey(id) {
			t.Fatalf("id %s became %s", id, answer.ID)
		}
		l.settle(open)
		<-idle
		if l.size() != 0 {
			t.Fatal("the request is still open")
		}
	})
}

// An explanation finds its request by whatever id, replaces the words of a refusal and of nothing else.
func TestLedgerExplainsRefusals(t *testing.T) {
	why := &explanation{message: "ours", uri: "robutler://a", failure: &tools.Error{Code: "code", Message: "ours", NextStep: "next"}}
	for _, id := range []string{`1`, `9007199254740993`, `"a<b>"`} {
		l := newLedger()
		if refusal := l.accept(message{ID: json.RawMessage(id), Method: "tools/call"}); refusal != nil {
			t.Fatal(refusal.message)
		}
		var read any // as the library reads it
		if err := json.Unmarshal([]byte(id), &read); err != nil {
			t.Fatal(err)
		}
		l.explain(read, why)
		refused, _, _ := l.restore([]byte(`{"jsonrpc":"2.0","id":` + idKey(json.RawMessage(id)) + `,"error":{"code":-32602,"message":"theirs"}}`))
		answer := parseAnswer(t, refused)
		if answer.Error == nil || idKey(answer.ID) != idKey(json.RawMessage(id)) || answer.Error.Code != codeInvalidParams || answer.Error.Message != "ours" ||
			string(answer.Error.Data) != `{"uri":"robutler://a","code":"code","message":"ours","retryable":false,"next_step":"next"}` {
			t.Errorf("%s: %s", id, refused)
		}
		line := `{"jsonrpc":"2.0","id":` + id + `,"result":{}}`
		if result, _, _ := l.restore([]byte(line)); string(result) != line {
			t.Errorf("%s: %s", id, result)
		}
	}
	newLedger().explain(1.0, why) // of no request
}
