package sandbox

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// The bounds of a conversation.
const (
	maxChatMessages = 200
	maxChatContent  = 200_000
	maxModelAnswer  = 8 << 20
)

// chatRequest is an OpenAI-compatible request.
type chatRequest struct {
	Model    string        `json:"model"`
	Messages []chatMessage `json:"messages"`
	Stream   bool          `json:"stream"`
}

// reply is what an agent answers, and the tokens that it took.
type reply struct {
	text               string
	prompt, completion int64
}

// serveChat lets an agent answer, whole or as a stream of events, and charges the caller for it.
func (p *Platform) serveChat(r *request) (any, error) {
	var input chatRequest
	a, answer, err := p.chat(r, &input)
	if err != nil {
		return nil, err
	}
	id := "chatcmpl-" + uuid.NewString()
	if input.Stream {
		p.streamReply(r.writer, id, a.model, answer)
		return written{}, nil
	}
	return members{
		"id": id, "object": "chat.completion", "created": p.now().Unix(), "model": a.model, "usage": answer.usage(),
		"choices": []members{{"index": 0, "finish_reason": "stop", "message": members{"role": "assistant", "content": answer.text}}},
	}, nil
}

func (a *reply) usage() members {
	return members{"prompt_tokens": a.prompt, "completion_tokens": a.completion, "total_tokens": a.prompt + a.completion}
}

func (p *Platform) chat(r *request, input *chatRequest) (*agent, *reply, error) {
	a, err := p.findAgent(r.Context(), r.caller, r.PathValue("agent"))
	if err != nil {
		return nil, nil, err
	}
	if a.userID != r.caller.userID && !a.othersTalk {
		return nil, nil, fail(http.StatusForbidden, "forbidden", "this agent does not talk to others")
	}
	if err := r.decode(input); err != nil {
		return nil, nil, err
	}
	if err := input.check(); err != nil {
		return nil, nil, err
	}
	if err := p.affords(r.Context(), r.caller.userID, a); err != nil {
		return nil, nil, err
	}
	answer, err := p.answer(r.Context(), a, input)
	if err != nil {
		return nil, nil, err
	}
	return a, answer, p.chargeChat(r.Context(), r.caller, a, answer)
}

// affords holds a caller to the balance that an agent wants to see before it answers. One's own agents are free.
func (p *Platform) affords(ctx context.Context, callerID string, a *agent) error {
	if a.userID == callerID || !a.minimum.Valid {
		return nil
	}
	available, err := balanceOf(ctx, p.database, userAccount(callerID))
	if err == nil && available < a.minimum.Int64 {
		return insufficient(a.minimum.Int64, available)
	}
	return err
}

// chargeChat charges what the answer's tokens cost, split as a settlement is. A balance that covers less is charged
// what it covers: the answer is given already.
func (p *Platform) chargeChat(ctx context.Context, who caller, a *agent, answer *reply) error {
	if a.userID == who.userID || !a.creditsPerToken.Valid {
		return nil
	}
	return p.inLedger(ctx, func(tx *sql.Tx) error {
		available, err := balanceOf(ctx, tx, userAccount(who.userID))
		if err != nil {
			return err
		}
		charged := priceOfTokens(answer.prompt+answer.completion, a.creditsPerToken.Int64, available)
		if charged == 0 {
			return nil
		}
		if err := p.spend(ctx, tx, who, charged); err != nil {
			return err
		}
		moves, err := p.shares(ctx, tx, &paymentToken{}, a.userID, charged)
		if err != nil {
			return err
		}
		return post(ctx, tx, entry{
			kind: "usage", description: a.name + ": chat", source: "chat", agent: chargedAgent{a.id, a.name}, at: p.now().UnixMilli(),
			moves: append(moves, move{userAccount(who.userID), -charged}),
		})
	})
}

// answer lets the model behind the agents speak, or the built-in responder where there is none.
func (p *Platform) answer(ctx context.Context, a *agent, input *chatRequest) (*reply, error) {
	if p.model == nil {
		return builtInReply(a, input), nil
	}
	return p.model.answer(ctx, a, input)
}

// builtInReply answers without a model: always the same to the same message, and honest about it.
func builtInReply(a *agent, input *chatRequest) *reply {
	last := string(input.Messages[len(input.Messages)-1].Content)
	text := fmt.Sprintf("This is %s on the embedded platform, answered by its built-in responder and not by a language model. "+
		"I was made to: %s You wrote: %q", a.name, firstWords(a.instructions, 40), firstWords(last, 60))
	prompt := int64(words(a.instructions))
	for _, m := range input.Messages {
		prompt += int64(words(string(m.Content)))
	}
	return &reply{text: text, prompt: prompt, completion: int64(words(text))}
}

func words(text string) int { return len(strings.Fields(text)) }

func firstWords(text string, most int) string {
	all := strings.Fields(text)
	if len(all) > most {
		return strings.Join(all[:most], " ") + " ..."
	}
	return strings.Join(all, " ")
}

// streamReply sends an answer word by word, as the events of OpenAI's API.
func (p *Platform) streamReply(w http.ResponseWriter, id, model string, answer *reply) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	flusher := http.NewResponseController(w)
	event := func(choice members, usage any) bool {
		body := members{"id": id, "object": "chat.completion.chunk", "created": p.now().Unix(), "model": model, "choices": []members{choice}}
		if usage != nil {
			body["usage"] = usage
		}
		encoded, err := json.Marshal(body)
		if err != nil {
			return false
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", encoded); err != nil {
			return false
		}
		_ = flusher.Flush() // a writer that cannot flush has sent all
		return true
	}
	for part := range strings.SplitAfterSeq(answer.text, " ") {
		if !event(members{"index": 0, "delta": members{"content": part}, "finish_reason": nil}, nil) {
			return
		}
	}
	if event(members{"index": 0, "delta": members{}, "finish_reason": "stop"}, answer.usage()) {
		_, _ = io.WriteString(w, "data: [DONE]\n\n") // a client that has left needs no end
	}
}

// languageModel is an OpenAI-compatible server that speaks for the agents.
type languageModel struct {
	url    string
	client *http.Client
}

// answer asks the model with the agent's instructions before the conversation.
func (m *languageModel) answer(ctx context.Context, a *agent, input *chatRequest) (*reply, error) {
	unavailable := fail(http.StatusBadGateway, "model_unavailable", "the language model behind the agents does not answer")
	body, err := json.Marshal(chatRequest{
		Model: a.model, Messages: append([]chatMessage{{Role: "system", Content: chatText(a.instructions)}}, plain(input.Messages)...),
	})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := m.client.Do(r)
	if err != nil {
		return nil, unavailable
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxModelAnswer))
	if err := errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != http.StatusOK {
		return nil, unavailable
	}
	var answered struct {
		Choices []struct {
			Message chatMessage `json:"message"`
		} `json:"choices"`
		Usage struct {
			Prompt     int64 `json:"prompt_tokens"`
			Completion int64 `json:"completion_tokens"`
		} `json:"usage"`
	}
	if json.Unmarshal(raw, &answered) != nil || len(answered.Choices) == 0 {
		return nil, unavailable
	}
	counted := func(tokens int64) int64 { return min(max(tokens, 0), maxUsageTokens) }
	return &reply{
		text: string(answered.Choices[0].Message.Content), prompt: counted(answered.Usage.Prompt), completion: counted(answered.Usage.Completion),
	}, nil
}
