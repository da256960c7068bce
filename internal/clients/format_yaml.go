package clients

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/robutlerai/robutler-mcp/internal/syntax"
)

// yamlEditor edits YAML.
type yamlEditor struct{}

func (yamlEditor) read(text []byte) (map[string]any, error) {
	root := map[string]any{}
	if err := yaml.Unmarshal(text, &root); err != nil {
		fault := syntax.Fault("YAML", err)
		if _, ok := errors.AsType[*yaml.TypeError](err); ok && !errors.Is(fault, syntax.ErrTwice) {
			return nil, errors.New("it is not a YAML mapping")
		}
		return nil, fault
	}
	return root, nil
}

func (yamlEditor) set(text []byte, section string, entry any) ([]byte, error) {
	document, root, err := parseMapping(text)
	if err != nil {
		return nil, err
	}
	servers := valueOf(root, section)
	if servers == nil || servers.Tag == "!!null" {
		added := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		setValue(root, section, added)
		servers = added
	}
	if servers.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("read %s: it is not a mapping", section)
	}
	value := &yaml.Node{}
	if err := value.Encode(entry); err != nil {
		return nil, fmt.Errorf("encode the entry: %w", err)
	}
	servers.Style = 0
	setValue(servers, ServerName, value)
	return encodeYAML(document)
}

func (yamlEditor) remove(text []byte, section string) ([]byte, error) {
	document, root, err := parseMapping(text)
	if err != nil {
		return nil, err
	}
	servers := valueOf(root, section)
	if servers == nil || valueOf(servers, ServerName) == nil {
		return text, nil
	}
	for i := 0; i+1 < len(servers.Content); i += 2 {
		if servers.Content[i].Value == ServerName {
			servers.Content = append(servers.Content[:i], servers.Content[i+2:]...)
			break
		}
	}
	return encodeYAML(document)
}

func parseMapping(text []byte) (document, root *yaml.Node, err error) {
	document = &yaml.Node{}
	if err := yaml.Unmarshal(text, document); err != nil {
		return nil, nil, syntax.Fault("YAML", err)
	}
	if document.Kind == 0 { // nothing, or comments alone
		root = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		return &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}, root, nil
	}
	if root = document.Content[0]; root.Kind != yaml.MappingNode {
		return nil, nil, errors.New("it is not a YAML mapping")
	}
	return document, root, nil
}

func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func setValue(mapping *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			mapping.Content[i+1] = value
			return
		}
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

func encodeYAML(document *yaml.Node) ([]byte, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("encode it as YAML: %w", err)
	}
	return text.Bytes(), nil
}
