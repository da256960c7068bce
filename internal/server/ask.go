package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/robutlerai/robutler-mcp/tools"
)

const (
	// consentID names the question in requests of several rounds.
	consentID = "consent"
	// consentField is what the user ticks.
	consentField = "agree"
	// confirmationArgument carries the handle of what was agreed to.
	confirmationArgument = "confirmation"
)

// agreed gives the arguments of a call that comes back with the user's answer, or says that the user does not agree.
// An answer without the state that came with the question answers nothing: clients can make up both, but not a handle.
func (s *Server) agreed(ctx context.Context, request mcp.CallToolRequest) (json.RawMessage, *tools.Error) {
	arguments, state := request.Params.RawArguments, request.Params.RequestState
	if state == "" {
		return arguments, nil
	}
	answer := mcpserver.ElicitationResponse(request.Params.InputResponses, consentID)
	if answer != nil && !agrees(*answer) {
		s.declined(ctx, state)
	}
	if answer == nil || !agrees(*answer) {
		return nil, declined()
	}
	return Confirmed(arguments, state), nil
}

// agrees reports whether a user ticked what they were asked to tick.
func agrees(answer mcp.ElicitationResult) bool {
	content, _ := answer.Content.(map[string]any)
	return answer.Action == mcp.ElicitationResponseActionAccept && content[consentField] == true
}

// Confirmed adds the handle to the arguments of a call. What is no object stays as it is, for validation to report.
func Confirmed(arguments json.RawMessage, handle string) json.RawMessage {
	members := map[string]json.RawMessage{}
	if len(arguments) > 0 && json.Unmarshal(arguments, &members) != nil {
		return arguments
	}
	encoded, err := json.Marshal(handle)
	if err != nil {
		return arguments
	}
	members[confirmationArgument] = encoded
	merged, err := json.Marshal(members)
	if err != nil {
		return arguments
	}
	return merged
}

func declined() *tools.Error {
	return &tools.Error{
		Code: tools.CodeDeclined, Message: "the user did not agree; nothing has been done",
		NextStep: "Do not call again unless the user asks for it.",
	}
}

// ask puts a call that somebody has to agree to before the user, where the client can. It gives nil where it cannot:
// then the model gets the handle and asks itself.
func (s *Server) ask(ctx context.Context, tool tools.Tool, arguments json.RawMessage, pending *tools.Confirmation) *mcp.CallToolResult {
	question := questionOf(pending)
	if info := mcpserver.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		if info.ClientCapabilities == nil || !takesForms(info.ClientCapabilities.Elicitation) {
			return nil
		}
		return mcpserver.NewInputRequestBuilder(pending.Handle).Elicit(consentID, question).ToolResult()
	}
	session, ok := mcpserver.ClientSessionFromContext(ctx).(mcpserver.SessionWithClientInfo)
	if !ok || !takesForms(session.GetClientCapabilities().Elicitation) {
		return nil
	}
	// A call may outlast its connection, but a question that was not heard is never answered.
	heard, release := until(ctx, connectionOf(ctx))
	defer release()
	answer, err := s.mcp.RequestElicitation(heard, mcp.ElicitationRequest{
		Request: mcp.Request{Method: string(mcp.MethodElicitationCreate)}, Params: question,
	})
	switch {
	case err != nil && cannotAsk(err):
		s.logger.DebugContext(ctx, "the client cannot ask the user", slog.String("tool", tool.Name), slog.Any("error", err))
		return nil
	case errors.Is(err, errUnheard):
		s.declined(ctx, pending.Handle)
		return failureResult(&tools.Error{
			Code: tools.CodeCanceled, Message: errUnheard.Error() + "; nothing has been done",
			NextStep: "Connect again and repeat the call, so that the user is asked.",
		})
	case err != nil || answer == nil || !agrees(*answer):
		s.declined(ctx, pending.Handle) // nobody else has it
		return failureResult(declined())
	default:
		return s.resultFor(ctx, tool, Confirmed(arguments, pending.Handle), false)
	}
}

// takesForms reports whether a client that declares how it asks its user takes a form: it does unless it names only
// another way.
func takesForms(declared *mcp.ElicitationCapability) bool {
	return declared != nil && (declared.Form != nil || declared.URL == nil)
}

// cannotAsk tells a client that does not know the question from one whose user did not answer. Only the first leaves it
// to the model to ask.
func cannotAsk(err error) bool {
	return errors.Is(err, mcpserver.ErrElicitationNotSupported) || errors.Is(err, mcpserver.ErrNoActiveSession) ||
		strings.Contains(strings.ToLower(err.Error()), "method not found") || strings.Contains(err.Error(), "-32601")
}

// questionOf words what the user agrees to. It is a form without anything to fill in but the agreement.
func questionOf(pending *tools.Confirmation) mcp.ElicitationParams {
	var message strings.Builder
	message.WriteString(pending.Would)
	if pending.CostCredits != nil {
		message.WriteString("\nAmount: " + pending.CostCredits.String() + " credits (US dollars).")
	}
	if pending.Recipient != "" {
		message.WriteString("\nRecipient: " + pending.Recipient + ".")
	}
	if !pending.DuplicateOf.IsZero() {
		message.WriteString("\nThe same was asked for at " + pending.DuplicateOf.UTC().Format("15:04:05 UTC") + ": this would do it again.")
	}
	return mcp.ElicitationParams{
		Message: message.String(),
		RequestedSchema: map[string]any{
			"type": "object",
			"properties": map[string]any{
				consentField: map[string]any{"type": "boolean", "title": "Do it", "description": "Tick to let this happen once."},
			},
			"required": []string{consentField},
		},
	}
}
