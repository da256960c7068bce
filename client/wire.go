package client

import (
	"encoding/json"
	"reflect"
	"strings"
)

// fields are the members that a struct reads, by name, and their places in it. They are made once and only read.
type fields map[string]int

// fieldsOf gives the fields of a struct, which are found by their tags, in any case of letters, as encoding/json does. It
// reports false for what only encoding/json reads: structs within structs, and other types.
func fieldsOf(of reflect.Type) (fields, bool) {
	if of.Kind() != reflect.Struct {
		return nil, false
	}
	found := make(fields, 2*of.NumField())
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous || name == "" || !field.IsExported() {
			return nil, false
		}
		found[name], found[strings.ToLower(name)] = i, i
	}
	return found, true
}

// decodeObject reads an object, which is known to be valid JSON, into the struct that into points to.
func (f fields) decodeObject(data []byte, into any) error {
	_, err := f.decode(data, "", into)
	return err
}

// decodeNested reads the object that stands under a name in data, or data itself where it is flat. Most are flat, and are not
// gone through to see that.
func (f fields) decodeNested(data []byte, name string, into any) error {
	nested, err := f.decode(data, name, into)
	if !isObject(nested) {
		return err
	}
	reflect.ValueOf(into).Elem().SetZero()
	return f.decodeObject(nested, into)
}

// decode reads an object, and gives the last value that stands there under a name, spelled like that.
func (f fields) decode(data []byte, name string, into any) (found []byte, err error) {
	target := reflect.ValueOf(into).Elem()
	for key, value := range members(data) {
		if string(key) == name {
			found = value
		}
		index, known := f[string(key)]
		if !known {
			index, known = f[strings.ToLower(string(key))]
		}
		if !known || err != nil {
			continue
		}
		err = decodeValue(value, target.Field(index).Addr().Interface())
	}
	return found, err
}

// decodeValue reads a value, which is known to be valid JSON, into what a pointer points to.
func decodeValue(data []byte, into any) error {
	if own, ok := into.(json.Unmarshaler); ok {
		return own.UnmarshalJSON(data)
	}
	if known, ok := fieldsOf(reflect.TypeOf(into).Elem()); ok && isObject(data) {
		return known.decodeObject(data, into)
	}
	return json.Unmarshal(data, into)
}

func isObject(data []byte) bool {
	at := spaces(data, 0)
	return at < len(data) && data[at] == '{'
}
