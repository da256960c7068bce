package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"github.com/spf13/pflag"
)

// SchemaID is where the schema of configuration files is published.
const SchemaID = "https://raw.githubusercontent.com/robutlerai/robutler-mcp/main/docs/config.schema.json"

// settingSchema is the JSON Schema of one setting.
type settingSchema struct {
	Type        any             `json:"type,omitempty"`
	Items       *settingSchema  `json:"items,omitempty"`
	AnyOf       []settingSchema `json:"anyOf,omitempty"`
	Enum        []any           `json:"enum,omitempty"`
	Pattern     string          `json:"pattern,omitempty"`
	Minimum     json.Number     `json:"minimum,omitempty"`
	Description string          `json:"description,omitempty"`
	Default     any             `json:"default,omitempty"`
}

// Schema gives the JSON Schema of configuration files, for editors that complete and check them.
func Schema() ([]byte, error) {
	settings := map[string]any{}
	for _, flags := range allFlags() {
		flags.VisitAll(func(flag *pflag.Flag) {
			if settable(flag) {
				settings[flag.Name] = schemaOf(flag)
			}
		})
	}
	top := map[string]any{profilesKey: map[string]any{
		"type": "object", "description": "Settings by the name of a profile; the one that --profile names wins over the rest of the file.",
		"additionalProperties": map[string]any{"type": []string{"object", "null"}, "additionalProperties": false, "properties": settings},
	}}
	maps.Copy(top, settings)
	encoded, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SchemaID, "title": "Configuration of robutler-mcp",
		"type": "object", "additionalProperties": false, "properties": top,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the schema of configuration files: %w", err)
	}
	return append(encoded, '\n'), nil
}

// schemaOf gives the schema of the values that a flag takes.
func schemaOf(flag *pflag.Flag) settingSchema {
	_, described := pflag.UnquoteUsage(flag)
	s := settingSchema{Description: described}
	if _, isList := flag.Value.(pflag.SliceValue); isList {
		word := settingSchema{Type: "string"}
		s.AnyOf = []settingSchema{{Type: "array", Items: &word}, word}
		return s
	}
	switch flag.Value.Type() {
	case "bool":
		s.Type, s.Default = "boolean", flag.DefValue == "true"
	case "int":
		s.Type, s.Default = "integer", json.Number(flag.DefValue)
	case "float64":
		s.Type, s.Default = "number", json.Number(flag.DefValue)
	case "duration":
		s.Type, s.Pattern, s.Default = "string", `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`, flag.DefValue
	default:
		s.Type = []string{"string", "number"} // amounts may be written without quotes
		if isAmount(flag.Name) {
			s.Pattern, s.Minimum = `^[0-9]+(\.[0-9]+)?$`, "0"
		}
		if flag.DefValue != "" && flag.Name != "addr" { // each command has its own
			s.Default = flag.DefValue
		}
		s.Enum = choicesInFiles(flag.Name)
	}
	return s
}

// choicesInFiles gives the values of a setting that takes one of a few, as a file may write them: a year is a number there.
func choicesInFiles(setting string) []any {
	var choices []any
	for _, choice := range Choices(setting) {
		choices = append(choices, choice)
		if _, err := strconv.Atoi(choice); err == nil {
			choices = append(choices, json.Number(choice))
		}
	}
	return choices
}
