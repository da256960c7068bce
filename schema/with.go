package schema

import (
	"fmt"
	"reflect"
)

// With makes the schema of the struct T with the members of the struct Also beside its own. Those stay optional, and one
// that both have is T's.
func With[T, Also any]() (*Schema, error) {
	reflected, err := reflectType(reflect.TypeFor[T]())
	if err != nil {
		return nil, fmt.Errorf("reflect schema: %w", err)
	}
	further, err := reflectType(reflect.TypeFor[Also]())
	if err != nil {
		return nil, fmt.Errorf("reflect schema: %w", err)
	}
	for pair := further.Properties.Oldest(); pair != nil; pair = pair.Next() {
		if _, taken := reflected.Properties.Get(pair.Key); !taken {
			reflected.Properties.Set(pair.Key, pair.Value)
		}
	}
	return finish(reflected)
}
