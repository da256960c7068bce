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
	target := reflect.ValueOf(into).Elem()
	for key, value := range members(data) {
		index, known := f[string(key)]
		if !known {
			index, known = f[strings.ToLower(string(key))]
		}
		if !known {
			continue
		}
		if err := decodeValue(value, target.Field(index).Addr().Interface()); err != nil {
			return err
		}
	}
	return nil
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
