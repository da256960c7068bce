package schema

import (
	"encoding/json"
	"testing"
)

type defaulted struct {
	Limit int    `json:"limit,omitempty" jsonschema:"default=20" jsonschema_description:"How many."`
	Kind  string `json:"kind,omitempty" jsonschema:"enum=a,enum=b,default=b" jsonschema_description:"Which."`
}

type listed struct {
	Names []string `json:"names,omitempty" jsonschema_description:"Which."`
}

// Calls without arguments are bound to the same, and no call changes what another gets.
func TestCallsWithoutArgumentsGetTheDefaults(t *testing.T) {
	s := Lazy[defaulted]()
	want := defaulted{Limit: 20, Kind: "b"}
	for i, arguments := range []string{"{}", "", "{}", " { } ", `{"limit":3}`, "{}"} {
		got, err := Bind[defaulted](s, json.RawMessage(arguments))
		expected := want
		if arguments == `{"limit":3}` {
			expected.Limit = 3
		}
		if err != nil || got != expected {
			t.Errorf("call %d: %+v, %v", i, got, err)
		}
		got.Limit = 99 // the caller's own
	}
	if _, err := Bind[defaulted](s, json.RawMessage(`{"limit":"x"}`)); err == nil {
		t.Error("a faulty call is taken")
	}
	shared := Lazy[listed]()
	if _, err := Bind[listed](shared, json.RawMessage("{}")); err != nil || shared.defaults.Load() != nil {
		t.Errorf("what calls could change is kept: %v, %v", err, shared.defaults.Load())
	}
}

// One schema may be bound to two types, such as that of a call and that of what is joined with it.
func TestTheDefaultsAreOfTheTypeThatIsAskedFor(t *testing.T) {
	t.Parallel()
	type limited struct {
		Limit int `json:"limit,omitempty"`
	}
	s := Lazy[defaulted]()
	for range 2 {
		first, err := Bind[defaulted](s, nil)
		if err != nil || first != (defaulted{Limit: 20, Kind: "b"}) {
			t.Errorf("%+v, %v", first, err)
		}
		second, err := Bind[limited](s, nil)
		if err != nil || second != (limited{Limit: 20}) {
			t.Errorf("%+v, %v", second, err)
		}
	}
}
