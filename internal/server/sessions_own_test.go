package server

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// What a session asks and the library's transport answers without one is answered alike.
func TestListsAreAnsweredAsTheLibrarysTransportDoes(t *testing.T) {
	s, _ := newTestServer(t, newFakes())
	within, beside := startHTTP(t, s, HTTPOptions{}), startHTTP(t, s, HTTPOptions{Stateless: true})
	session := within.session()
	var lines []string
	for _, id := range []string{"1", `"a\"b<&>"`, "9007199254740993", `"\u2028"`} {
		lines = append(lines, lists(id)...)
	}
	for _, params := range []string{"{}", "null", `{"cursor":"zzz"}`, `{"cursor":5}`, `{"_meta":{"progressToken":1}}`, `{"_meta":5}`} {
		lines = append(lines, `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":`+params+`}`,
			`{"jsonrpc":"2.0","id":1,"method":"resources/templates/list","params":`+params+`}`)
	}
	for _, line := range lines {
		ours, librarys := within.do(http.MethodPost, "/mcp", line, session), beside.do(http.MethodPost, "/mcp", line)
		ours.Header.Del("Date")
		librarys.Header.Del("Date")
		mine, other := text(t, ours), text(t, librarys)
		if ours.StatusCode != librarys.StatusCode || !reflect.DeepEqual(ours.Header, librarys.Header) || mine != other || mine == "" {
			t.Errorf("%s:\n%d %v %.500s\nthe library:\n%d %v %.500s", line, ours.StatusCode, ours.Header, mine, librarys.StatusCode, librarys.Header, other)
		}
	}
}

// Methods that this server does not serve are refused alike before and after the library knows a session.
func TestUnservedMethodsAreRefusedAlike(t *testing.T) {
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"debug"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"robutler://account"}}`,
	} {
		o := newOpener(t)
		id := o.open("")
		first, told := serveIn(t, o.transport, id, line)
		again, retold := serveIn(t, o.transport, id, line)
		if first != again || told != retold || !strings.Contains(told, `"code":-32601`) {
			t.Errorf("%d %s, then %d %s", first, told, again, retold)
		}
	}
}

// A session that lists and reads holds little. The library's own would hold nine times as much.
func TestSessionsAreSmall(t *testing.T) {
	const clients, most = 1000, 2 << 10
	o := newOpener(t)
	serveIn(t, o.transport, o.open(""), lists("1")[1])
	before := heap()
	for range clients {
		id := o.open("")
		serveIn(t, o.transport, id, lists("1")[1])
		serveIn(t, o.transport, id, callLine("2", "echo", `{"text":"a"}`))
	}
	each := (heap() - before) / clients
	t.Logf("%d bytes each", each)
	if each > most {
		t.Errorf("a session takes %d bytes", each)
	}
}
