package schema

import (
	"reflect"

	"github.com/invopop/jsonschema"
)

// LazyWith makes the schema of the struct T with the members of the struct Also beside its own, when it is first needed.
// Those stay optional, and one that both have is T's.
func LazyWith[T, Also any]() *Schema {
	return lazily(func() (*jsonschema.Schema, error) {
		reflected, err := reflectType(reflect.TypeFor[T]())
		if err != nil {
			return nil, err
		}
		further, err := reflectType(reflect.TypeFor[Also]())
		if err != nil {
			return nil, err
		}
		for pair := further.Properties.Oldest(); pair != nil; pair = pair.Next() {
			if _, taken := reflected.Properties.Get(pair.Key); !taken {
				reflected.Properties.Set(pair.Key, pair.Value)
			}
		}
		return reflected, nil
	})
}
