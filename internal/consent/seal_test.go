package consent

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func testSealer(t interface{ Fatal(arguments ...any) }, seed byte) *sealer {
	s, err := newSealer(bytes.Repeat([]byte{seed}, keyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func drawTerms(t *rapid.T, label string) terms {
	duplicate := ""
	if rapid.Bool().Draw(t, label+" is a duplicate") {
		duplicate = newID()
	}
	text := rapid.StringN(0, 20, -1)
	return terms{
		Caller: text.Draw(t, label+" caller"), Tool: text.Draw(t, label+" tool"), Arguments: []byte(text.Draw(t, label+" arguments")),
		Amount: text.Draw(t, label+" amount"), Recipient: text.Draw(t, label+" recipient"), Terms: text.Draw(t, label+" terms"),
		Duplicate: duplicate,
	}
}

func TestSealRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, agreed, id := testSealer(t, 1), drawTerms(t, "agreed"), newID()
		expires := time.Unix(rapid.Int64Range(0, 1<<32-1).Draw(t, "expires"), 0).UTC()
		text, err := s.seal(id, expires, agreed)
		if err != nil || len(text) != handleLength || len(text) > 100 {
			t.Fatalf("%q %v", text, err)
		}
		opened, err := s.open(text)
		if err != nil || opened.ID != id || !opened.Expires.Equal(expires) {
			t.Fatalf("%+v %v", opened, err)
		}
		if err := s.checkCall(opened, agreed.Caller, agreed.Tool, agreed.Arguments); err != nil {
			t.Fatal(err)
		}
		if err := s.checkTerms(opened, agreed); err != nil {
			t.Fatal(err)
		}
		if (opened.acknowledged() != "") != (agreed.Duplicate != "") {
			t.Fatal("the duplicate was lost")
		}
	})
}

func TestSealHoldsToItsTerms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, agreed, other := testSealer(t, 1), drawTerms(t, "agreed"), drawTerms(t, "other")
		other.Duplicate = agreed.Duplicate
		same := agreed.Caller == other.Caller && agreed.Tool == other.Tool && bytes.Equal(agreed.Arguments, other.Arguments) &&
			agreed.Amount == other.Amount && agreed.Recipient == other.Recipient && agreed.Terms == other.Terms
		text, err := s.seal(newID(), time.Unix(0, 0), agreed)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := s.open(text)
		if err != nil {
			t.Fatal(err)
		}
		if passed := s.checkTerms(opened, other) == nil; passed != same {
			t.Fatalf("passed %v, same %v", passed, same)
		}
	})
}

func TestSealRefusesEveryAlteration(t *testing.T) {
	s := testSealer(t, 1)
	text, err := s.seal(newID(), time.Unix(1000, 0), terms{Caller: "a", Tool: "b"})
	if err != nil {
		t.Fatal(err)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n\x00"
	for i := range text {
		if _, err := s.open(text[:i]); err == nil {
			t.Fatalf("passed when cut at %d", i)
		}
		for _, other := range []byte(alphabet) {
			altered := []byte(text)
			altered[i] = other
			if string(altered) == text {
				continue
			}
			if _, err := s.open(string(altered)); err == nil {
				t.Fatalf("passed with %q at %d", other, i)
			}
		}
	}
	if _, err := testSealer(t, 2).open(text); err == nil {
		t.Fatal("passed with another key")
	}
	raw, err := base64.RawURLEncoding.DecodeString(text[len(handleVersion):])
	if err != nil {
		t.Fatal(err)
	}
	copy(raw, testSealer(t, 2).keyID) // another journal's mark does not make it another journal's handle
	if _, err := testSealer(t, 2).open(handleVersion + base64.RawURLEncoding.EncodeToString(raw)); err == nil {
		t.Fatal("passed with a forged key id")
	}
	if opened, err := s.open(" " + text + "\n"); err != nil || opened.checkTime(time.Unix(999, 0)) != nil {
		t.Fatal("spaces around a handle do not matter")
	}
}

func TestHandleTime(t *testing.T) {
	made := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	h := handle{Expires: made.Add(HandleLifetime)}
	for after, good := range map[time.Duration]bool{
		0: true, HandleLifetime - 1: true, HandleLifetime: false, HandleLifetime + 1: false,
		-clockLeeway: true, -clockLeeway - 1: false, -time.Hour: false, 24 * time.Hour: false,
	} {
		if got := h.checkTime(made.Add(after)) == nil; got != good {
			t.Errorf("%v after it was made: good %v, want %v", after, got, good)
		}
	}
}

func TestCanonicalArguments(t *testing.T) {
	one := []string{
		`{"a":1,"b":{"c":"x","d":[1,2]}}`, ` { "b" : {"d":[1, 2],"c":"x"}, "a":1 } `, `{"a":1,"b":{"d":[1,2],"c":"\u0078"}}`,
	}
	for _, text := range one {
		if got, _, err := canonicalArguments(json.RawMessage(text)); err != nil || string(got) != one[0] {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
	for _, text := range []string{`[]`, `null`, `1`, `{`, `{} {}`, `{"a":}`, `"x"`} {
		if got, _, err := canonicalArguments(json.RawMessage(text)); err == nil {
			t.Errorf("%s became %s", text, got)
		}
	}
	if _, got, err := canonicalArguments(json.RawMessage(`{"idempotency_key":"k","n":9007199254740993}`)); err != nil || string(got) != `{"n":9007199254740993}` {
		t.Errorf("%s %v", got, err)
	}
	if all, effect, err := canonicalArguments(nil); err != nil || string(all) != `{}` || string(effect) != `{}` {
		t.Errorf("%s %s %v", all, effect, err)
	}
}

func TestCanonicalArgumentsAreStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.MapOf(rapid.String(), rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Map(rapid.Int64(), func(n int64) any { return n }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		)).Draw(t, "members")
		indented, err := json.MarshalIndent(members, " ", "\t")
		if err != nil {
			t.Fatal(err)
		}
		once, _, err := canonicalArguments(indented)
		if err != nil {
			t.Fatal(err)
		}
		twice, _, err := canonicalArguments(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s: %v", once, twice, err)
		}
	})
}

func FuzzOpenHandle(f *testing.F) {
	s := testSealer(f, 1)
	text, err := s.seal(newID(), time.Unix(1000, 0), terms{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("c1")
	f.Fuzz(func(t *testing.T, other string) {
		if opened, err := s.open(other); err == nil && opened.ID == "" {
			t.Error("opened without an id")
		}
	})
}
