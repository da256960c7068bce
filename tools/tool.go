// Package tools holds what a model can do: one file per toolset, one declaration per tool. A tool is an input struct,
// an output struct, a plain typed function and a Spec, side by side. The package knows nothing of MCP.
package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/robutlerai/robutler-mcp/client"
	"github.com/robutlerai/robutler-mcp/schema"
)

// Spec is what a tool says about itself.
type Spec struct {
	// Name is how the tool is called: lower case with underscores, at most 40 characters.
	Name string
	// Title is the name that people see.
	Title string
	// Description tells a model what the tool does and when to use it.
	Description string
	// Toolset is the group that the tool is switched on with.
	Toolset string
	// Class decides hints, filters, retries and consent.
	Class client.Class
	// NoEffect says that the call changes nothing, though its class is not [client.Read].
	NoEffect bool
	// FindWith names the tools that find what the call is about; an error of a thing that is not there points to those
	// of them that are on offer.
	FindWith []string
	// FindAgentWith names those that find the agent, where a call may name one beside.
	FindAgentWith []string
	// Charged says that the platform charges the user's credits for the call.
	Charged bool
	// ShowsSecret says that the result holds a secret that is shown once.
	ShowsSecret bool
	// OpenWorld says that the tool returns or reaches what third parties made.
	OpenWorld bool
	// View is the address of the [View] that shows the results to people, if there is one.
	View string
	// Example holds arguments of a call that works against the embedded platform.
	Example string
}

// Hints are the four behavior hints of MCP.
type Hints struct {
	ReadOnly, Destructive, Idempotent, OpenWorld bool
}

// Tool is a tool ready to be called. It is immutable and safe for concurrent use.
type Tool struct {
	Spec
	// Input and Output are the schemas of arguments and result. Input is the one that is enforced.
	Input, Output *schema.Schema

	call func(context.Context, json.RawMessage) (Result, error)
	// hidden are the tools of FindWith and FindAgentWith that are not on offer.
	hidden []string
}

// Define builds a tool from its declaration and its function. Mistakes in the declaration come out of [NewCatalog], those
// in the types of its schemas out of [Catalog.Check]: the schemas are made when they are first needed.
func Define[In, Out any](spec Spec, handle func(context.Context, In) (Out, error)) Tool {
	tool := Tool{Spec: spec, Input: schema.Lazy[In](), Output: schema.Lazy[Out]()}
	input := tool.Input
	tool.call = func(ctx context.Context, arguments json.RawMessage) (Result, error) {
		in, err := schema.Bind[In](input, arguments)
		if err != nil {
			return Result{}, err
		}
		out, err := handle(ctx, in)
		if err != nil {
			return Result{}, err
		}
		return resultOf(spec, out)
	}
	return tool
}

// maxResultBytes is more than any result should take: lists, texts and answers are cut to less on the way.
const maxResultBytes = 150_000

// resultOf encodes what a tool's function gave.
func resultOf(spec Spec, out any) (Result, error) {
	encoded, err := encodeCompact(out)
	if err != nil && spec.Class != client.Read {
		return Result{}, &Error{
			Code: CodeOutcomeUnknown, Message: "the platform did it, but its answer cannot be shown",
			NextStep: "Do not repeat it: read back with a list or get tool what was done.",
		}
	}
	if err != nil {
		return Result{}, fmt.Errorf("encode the result of %s: %w", spec.Name, err)
	}
	result := Result{Structured: stripInvisible(encoded)}
	if len(result.Structured) > maxResultBytes && spec.Class == client.Read {
		return Result{}, &Error{
			Code: CodeResultTooLarge, Message: fmt.Sprintf("the result of %s is too large to show, %d bytes", spec.Name, len(result.Structured)),
			NextStep: "Narrow the call: a lower limit, a filter, or a single item.",
		}
	}
	if carrier, ok := out.(attacher); ok {
		result.Attachments = carrier.attachments()
	}
	return result, nil
}

// encodeCompact is json.Marshal without the HTML escapes, which cost a model five bytes for each < > and &.
func encodeCompact(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

// Call checks the arguments, runs the tool and gives its result. Use [Explain] to turn an error into what a model
// should read. Nothing is sent when an argument is at fault.
func (t Tool) Call(ctx context.Context, arguments json.RawMessage) (Result, error) {
	result, err := t.call(ctx, arguments)
	if err == nil {
		return result, nil
	}
	if told := Explain(err); told.Code == CodeNotFound {
		pointed := *told
		pointed.NextStep = t.findStep(arguments)
		return Result{}, &pointed
	}
	return Result{}, err
}

// findStep says how to find what a call is about, and the agent if it names one: either may be what is not there.
func (t Tool) findStep(arguments json.RawMessage) string {
	offered := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(t.hidden, name) })
	}
	var given struct {
		Agent string `json:"agent"`
	}
	with, agents := offered(t.FindWith), offered(t.FindAgentWith)
	if len(agents) == 0 || json.Unmarshal(arguments, &given) != nil || given.Agent == "" {
		return findStep(with)
	}
	step := "Find the agent with " + strings.Join(agents, " or ")
	if len(with) > 0 {
		step += " and what it has with " + strings.Join(with, " or ")
	}
	return step + ", then call again with their ids."
}

// findStep says how to find what is not there.
func findStep(with []string) string {
	if len(with) == 0 {
		return "Check the id or name with the user, then call again."
	}
	return "Find it with " + strings.Join(with, " or ") + ", then call again with its id or name."
}

// Hints follow from the tool's class.
func (t Tool) Hints() Hints {
	hints := Hints{OpenWorld: t.OpenWorld}
	switch t.Class {
	case client.Read:
		hints.ReadOnly, hints.Idempotent = true, true
	case client.Update, client.Delete:
		hints.Destructive, hints.Idempotent = true, true
	case client.Create:
		hints.Destructive = t.Charged // what is spent does not come back
	case client.Secret, client.Money:
		hints.Destructive, hints.Idempotent = !t.NoEffect, t.NoEffect
	}
	return hints
}

// check reports what is wrong with the declaration.
func (t Tool) check() error {
	switch {
	case t.Name == "" || t.Title == "" || t.Description == "":
		return fmt.Errorf("define tool %q: it needs a name, a title and a description", t.Name)
	case !t.Class.Valid():
		return fmt.Errorf("define %s: it has no class", t.Name)
	default:
		return nil
	}
}
