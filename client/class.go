package client

// Class says what an operation does to the platform. Retries, ambiguity, hints to models and consent follow from it.
type Class int

// The classes, from the harmless to the costly. The zero value is not a class.
const (
	// Read changes nothing and may be repeated freely.
	Read Class = iota + 1
	// Update sets values; repeating it changes nothing further.
	Update
	// Create adds something without moving money.
	Create
	// Delete removes something.
	Delete
	// Secret mints a secret that the platform shows once.
	Secret
	// Money moves value.
	Money
)

// String returns the class in lower case, as the documentation spells it.
func (c Class) String() string {
	switch c {
	case Read:
		return "read"
	case Update:
		return "update"
	case Create:
		return "create"
	case Delete:
		return "delete"
	case Secret:
		return "secret"
	case Money:
		return "money"
	default:
		return "unclassified"
	}
}

// Valid reports whether c is one of the declared classes.
func (c Class) Valid() bool { return c >= Read && c <= Money }
