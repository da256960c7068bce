package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"time"
)

// chatPatience is how long an agent may think, at least.
const chatPatience = 2 * time.Minute

// maxEventLength bounds an event of a chat stream, in bytes.
const maxEventLength = 1 << 20

// ChatMessage is a message of a conversation.
type ChatMessage struct {
	// Role is system, user or assistant.
	Role string `json:"role"`
	// Content is the text.
	Content string `json:"content"`
}

// ChatParams is a conversation to go on with.
type ChatParams struct {
	// Messages are the conversation so far, the oldest first. Required.
	Messages []ChatMessage
	// Model replaces the agent's model; it is kept when empty.
	Model string
}

// ChatUsage counts tokens.
type ChatUsage struct{ PromptTokens, CompletionTokens, TotalTokens int64 }

// ChatResult is an agent's answer.
type ChatResult struct {
	ID, Model string
	// Content is the answer's text. It is written by a third party.
	Content string
	// FinishReason says why the answer ended, for example stop.
	FinishReason string
	Usage        ChatUsage
}

// chatWire is an answer, whole or a part of a stream.
type chatWire struct {
	ID      text `json:"id"`
	Model   text `json:"model"`
	Choices []struct {
		Message struct {
			Content text `json:"content"`
		} `json:"message"`
		Delta struct {
			Content text `json:"content"`
		} `json:"delta"`
		FinishReason text `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		Prompt     count `json:"prompt_tokens"`
		Completion count `json:"completion_tokens"`
		Total      count `json:"total_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

func (w *chatWire) usage() ChatUsage {
	return ChatUsage{w.Usage.Prompt.value, w.Usage.Completion.value, w.Usage.Total.value}
}

// Chat lets an agent answer. It may cost credits; it is not sent again once it may have been taken up. It returns
// [ErrInsufficientFunds] when the agent wants to be paid first.
//
// Route: POST /agents/{id or name}/chat/completions.
func (s *AgentsService) Chat(ctx context.Context, idOrName string, params ChatParams) (*ChatResult, error) {
	o := s.client.operation(agentChat)
	request, err := chatCall(o, idOrName, params, false)
	if err != nil {
		return nil, err
	}
	got, err := s.client.do(ctx, o, request)
	if err != nil {
		return nil, err
	}
	var wire chatWire
	if err := decodeAnswer(o, got.body, &wire); err != nil {
		return nil, err
	}
	if len(wire.Choices) == 0 {
		return nil, unusable(o, "the answer holds no message")
	}
	choice := wire.Choices[0]
	return &ChatResult{
		ID: string(wire.ID), Model: string(wire.Model), Content: string(choice.Message.Content),
		FinishReason: string(choice.FinishReason), Usage: wire.usage(),
	}, nil
}

// ChatDelta is a part of an agent's answer.
type ChatDelta struct {
	// Content is what is added to the text.
	Content string
	// Done marks the last part; FinishReason and Usage belong to it where the platform tells them.
	Done         bool
	FinishReason string
	Usage        ChatUsage
}

// ChatStream lets an agent answer and yields the answer as it comes. The last part without an error is marked Done; a
// stream that breaks before ends with an error instead.
//
// Route: POST /agents/{id or name}/chat/completions, as an event stream.
func (s *AgentsService) ChatStream(ctx context.Context, idOrName string, params ChatParams) iter.Seq2[ChatDelta, error] {
	return func(yield func(ChatDelta, error) bool) {
		o := s.client.operation(agentChat)
		request, err := chatCall(o, idOrName, params, true)
		if err != nil {
			yield(ChatDelta{}, err)
			return
		}
		got, err := s.client.do(ctx, o, request)
		if err != nil {
			yield(ChatDelta{}, err)
			return
		}
		if got.stream == nil {
			wholeAnswer(o, got.body, yield)
			return
		}
		defer func() { _ = got.stream.Close() }()
		readEvents(ctx, o, got.stream, yield)
	}
}

func chatCall(o *operation, idOrName string, params ChatParams, stream bool) (call, error) {
	if len(params.Messages) == 0 {
		return call{}, invalidArgument(o.Name, "there is no message")
	}
	body := map[string]any{"messages": params.Messages}
	if params.Model != "" {
		body["model"] = params.Model
	}
	if stream {
		body["stream"] = true
	}
	return call{identifiers: map[string]string{"agent": idOrName}, body: body, patience: chatPatience, streaming: stream}, nil
}

// wholeAnswer yields an answer of a platform that does not stream.
func wholeAnswer(o *operation, body []byte, yield func(ChatDelta, error) bool) {
	var wire chatWire
	if err := decodeAnswer(o, body, &wire); err != nil {
		yield(ChatDelta{}, err)
		return
	}
	delta := ChatDelta{Done: true, Usage: wire.usage()}
	if len(wire.Choices) > 0 {
		delta.Content, delta.FinishReason = string(wire.Choices[0].Message.Content), string(wire.Choices[0].FinishReason)
	}
	yield(delta, nil)
}

// readEvents yields the parts of an event stream.
func readEvents(ctx context.Context, o *operation, stream io.Reader, yield func(ChatDelta, error) bool) {
	lines := bufio.NewScanner(io.LimitReader(stream, maxResponseBytes))
	lines.Buffer(make([]byte, 0, 4096), maxEventLength)
	var last ChatDelta
	for lines.Scan() {
		data, isData := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		if data = bytes.TrimSpace(data); !isData || len(data) == 0 {
			continue
		}
		if string(data) == "[DONE]" {
			last.Done = true
			yield(last, nil)
			return
		}
		delta, err := decodeEvent(o, data)
		if err != nil {
			yield(ChatDelta{}, err)
			return
		}
		if delta.FinishReason != "" {
			last.FinishReason = delta.FinishReason
		}
		if delta.Usage != (ChatUsage{}) {
			last.Usage = delta.Usage
		}
		if delta.Content != "" && !yield(ChatDelta{Content: delta.Content}, nil) {
			return
		}
	}
	broken := &APIError{Operation: o.Name, StatusCode: 200, Message: "the stream broke before its end", kind: ErrBadResponse}
	if errors.Is(ctx.Err(), context.Canceled) {
		broken.kind, broken.Message = ErrCanceled, "the caller gave up"
	}
	yield(ChatDelta{}, broken)
}

func decodeEvent(o *operation, data []byte) (ChatDelta, error) {
	var wire chatWire
	if err := json.Unmarshal(data, &wire); err != nil {
		return ChatDelta{}, &APIError{Operation: o.Name, StatusCode: 200, Message: "an event is not JSON", kind: ErrBadResponse}
	}
	if len(wire.Error) > 0 && string(wire.Error) != "null" {
		return ChatDelta{}, &APIError{
			Operation: o.Name, StatusCode: 200, Message: agentFailed, AgentText: cleanText(firstText("", wire.Error), ""), kind: ErrRejected,
		}
	}
	delta := ChatDelta{Usage: wire.usage()}
	if len(wire.Choices) > 0 {
		delta.Content, delta.FinishReason = string(wire.Choices[0].Delta.Content), string(wire.Choices[0].FinishReason)
	}
	return delta, nil
}
