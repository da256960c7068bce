package schema

import "reflect"

// LazyWith makes the schema of the struct T with the members of the struct Also beside its own, when it is first needed.
// Those stay optional, and one that both have is T's.
func LazyWith[T, Also any]() *Schema {
	return lazily(func() (*shape, error) {
		reflected, err := reflectType(reflect.TypeFor[T]())
		if err != nil {
			return nil, err
		}
		further, err := reflectType(reflect.TypeFor[Also]())
		if err != nil {
			return nil, err
		}
		for _, each := range further.properties {
			if reflected.property(each.name) < 0 {
				reflected.set(each.name, each.of)
			}
		}
		return reflected, nil
	})
}
