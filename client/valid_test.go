package client

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/samples"
)

// FuzzValidJSON holds the check of answers to that of encoding/json.
func FuzzValidJSON(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `{}`, ` [ ] `, `{"a":1,"b":[true,false,null,"c"]}`, `{"a" : -0.5e+10 , "b":0}`, `{"a":1,}`, `[1,]`, `[,1]`, `{,}`, `{"a"}`, `{a:1}`,
		`{"a":1 "b":2}`, `01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `tru`, `truee`, `nul`, `"a`, `"\u12g4"`, `"\u1234"`, `"\x"`, `"\`, `"\u12`, "\"\x1f\"",
		"\"\x7f\xff\"", `"long enough for a whole word \n and more"`, `[] []`, `[]x`, "\ufeff{}", `"\ud83d\ude00\ud83d"`, `{"a":{"b":{"c":[[[]]]}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, want := validJSON(data), json.Valid(data); got != want {
			t.Errorf("%q: %t, not %t", data, got, want)
		}
		top, ok := checkedMembers(nil, data)
		if ok != json.Valid(data) {
			t.Errorf("%q: %t", data, ok)
		}
		if !ok {
			return
		}
		for key, value := range members(data) {
			if len(top) == 0 || !bytes.Equal(top[0].key, key) || !bytes.Equal(top[0].value, value) {
				t.Fatalf("%q has %q: %q, not found in %q", data, key, value, top)
			}
			if of, _ := elements(nil, value); !slices.EqualFunc(of, top[0].elements, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
				t.Fatalf("%q has the elements %q, not %q", value, of, top[0].elements)
			}
			top = top[1:]
		}
		if len(top) > 0 {
			t.Errorf("%q has no %q", data, top)
		}
	})
}

// TestEveryByteOfAStringIsChecked puts each byte at each place of a string of several words.
func TestEveryByteOfAStringIsChecked(t *testing.T) {
	t.Parallel()
	for place := range 20 {
		for b := range 256 {
			data := []byte(`"` + strings.Repeat("é", 10) + `"`)
			data[1+place] = byte(b)
			if got, want := validJSON(data), json.Valid(data); got != want {
				t.Errorf("%q: %t, not %t", data, got, want)
			}
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{maxNesting - 1, maxNesting, maxNesting + 1} {
		for _, part := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
			data := []byte(strings.Repeat(part[0], depth) + "1" + strings.Repeat(part[1], depth))
			if got, want := validJSON(data), json.Valid(data); got != want {
				t.Errorf("%d times %s: %t, not %t", depth, part[0], got, want)
			}
		}
	}
}

// TestFewMembersAreKept reads an object of more members than there is room for: as an answer it is refused, and a file of its
// kind is given all the same.
func TestFewMembersAreKept(t *testing.T) {
	t.Parallel()
	for _, count := range []int{maxMembers, maxMembers + 1} {
		body := []byte("{" + strings.Repeat(`"":0,`, count-1) + `"":0}`)
		top, ok := checkedMembers(nil, body)
		if len(top) != maxMembers || ok != (count == maxMembers) {
			t.Errorf("of %d members %d are kept, %t", count, len(top), ok)
		}
		for _, raw := range []bool{false, true} {
			e := &exchange{operation: &operation{raw: raw}, status: http.StatusOK, body: body}
			got, err := readAnswer(t.Context(), e, http.Header{"Content-Type": {"application/json"}}, "")
			if refused := !ok && !raw; (err != nil) != refused || (err == nil && len(got) != len(body)) {
				t.Errorf("%d members, raw %t: %d bytes, %v", count, raw, len(got), err)
			}
		}
	}
}

func array(count int) string { return "[" + strings.Repeat("0,", count-1) + "0]" }

// TestHostileArraysShareTheirRoom reads objects of very many arrays, and of such as are too long, which each would have room of its
// own.
func TestHostileArraysShareTheirRoom(t *testing.T) { // not in parallel: it counts what is allocated
	for name, body := range map[string]string{
		"short": "{" + strings.Repeat(`"":[0],`, maxMembers-1) + `"":[0]}`,
		"long":  "{" + strings.Repeat(`"":`+array(maxElements+1)+",", 9) + `"":[0]}`,
	} {
		allocated := testing.AllocsPerRun(1, func() {
			if top, ok := checkedMembers(nil, []byte(body)); !ok || len(top[len(top)-1].elements) != 1 {
				t.Errorf("%s: %d members, %t", name, len(top), ok)
			}
		})
		if allocated > 100 {
			t.Errorf("%s: %g allocations", name, allocated)
		}
	}
}

// TestFewElementsAreKept reads arrays of more elements than there is room for: none of such a one are kept.
func TestFewElementsAreKept(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]int{
		`{"a":` + array(maxElements) + `,"b":[0]}`:                   {maxElements, 0},
		`{"a":` + array(maxElements+1) + `,"b":[0]}`:                 {0, 1},
		`{"a":` + array(maxElements-1) + `,"b":[0],"c":[0],"d":[0]}`: {maxElements - 1, 1, 0, 0},
	} {
		top, ok := checkedMembers(nil, []byte(body))
		var kept []int
		for _, member := range top {
			kept = append(kept, len(member.elements))
		}
		if !ok || !slices.Equal(kept, want) {
			t.Errorf("kept are %d, want %d; %t", kept, want, ok)
		}
	}
}

// BenchmarkValidJSON checks an answer of about 300 kB.
func BenchmarkValidJSON(b *testing.B) {
	data := samples.Large()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if !validJSON(data) {
			b.Fatal("it is valid")
		}
	}
}
