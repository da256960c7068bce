package cli

import "testing"

func TestCallArguments(t *testing.T) {
	t.Parallel()
	got, err := callArguments([]string{"a=1", "b=", "c=x", "c=y=z"}, `{"a":true,"d":[1]}`)
	if want := `{"a":"1","b":"","c":["x","y=z"],"d":[1]}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
