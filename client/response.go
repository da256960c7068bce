package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/robutlerai/robutler-mcp/internal/needle"
)

// maxErrorData bounds the JSON that an APIError carries, in bytes.
const maxErrorData = 64 << 10

// readAnswer turns an answer into the JSON of a success or into an error. Only a 2xx with a whole JSON value that does
// not itself report a failure is a success.
func readAnswer(ctx context.Context, e *exchange, header http.Header, key string) ([]byte, error) {
	// What an answer says back must not become part of a result. Ahead of everything, since texts are cut on the way.
	if len(key) >= minSecretLength && needle.In(e.body, key) {
		e.body = bytes.ReplaceAll(e.body, []byte(key), []byte(redacted))
	}
	requestID := shownID(header.Get("X-Request-Id"), key)
	noteRequestID(ctx, requestID)
	told := func(kind error) *APIError {
		apiError := &APIError{Operation: e.operation.Name, StatusCode: e.status, RequestID: requestID, kind: kind}
		if wait, told := retryAfter(header); told {
			apiError.RetryAfter = wait
		}
		return apiError
	}
	switch {
	case e.status >= http.StatusMultipleChoices:
		return nil, refusal(e, told(nil), header, key)
	case e.operation.Class == Delete && len(e.body) == 0 && e.status == http.StatusAccepted:
		return nil, undecided(told(ErrOutcomeUnknown))
	case e.operation.Class == Delete && len(e.body) == 0:
		return e.body, nil
	case e.operation.raw:
		return rawAnswer(e, header, told, key)
	}
	if problem := e.readJSON(header); problem != "" {
		apiError := told(ErrBadResponse)
		apiError.Message = problem
		markAmbiguous(e, apiError)
		return nil, apiError
	}
	if e.operation.verdict {
		return e.body, nil
	}
	said := verdictOf(e.members)
	switch guarded := e.operation.guarded(); {
	case !said.no && e.operation.handsOut(e.members, said):
		return e.body, nil
	case said.no || (said.problem && !guarded):
		apiError := told(ErrRejected)
		describeFailure(apiError, e.body, header, key)
		e.operation.attribute(apiError)
		return nil, apiError
	case said.problem:
		apiError := told(ErrRejected)
		describeFailure(apiError, e.body, header, key)
		apiError.kind, apiError.causes = ErrOutcomeUnknown, []error{ErrRejected} // its words stay the platform's own
		return nil, apiError
	case guarded && (said.pending || e.status == http.StatusAccepted):
		return nil, undecided(told(ErrOutcomeUnknown))
	default:
		return e.body, nil
	}
}

// refusal completes the error for an answer whose status is no success.
func refusal(e *exchange, apiError *APIError, header http.Header, key string) *APIError {
	describeFailure(apiError, e.body, header, key)
	apiError.kind = refusalKind(e, apiError)
	e.operation.attribute(apiError)
	if e.status >= http.StatusInternalServerError || e.status == http.StatusRequestTimeout {
		markAmbiguous(e, apiError)
	}
	return apiError
}

// attribute keeps the words of an agent out of what reads as the platform's.
func (o *operation) attribute(apiError *APIError) {
	if !o.relayed || apiError.StatusCode/100 == 3 {
		return
	}
	apiError.AgentText, apiError.Message = apiError.Message, ""
	if apiError.StatusCode < http.StatusMultipleChoices {
		apiError.Message = agentFailed
	}
}

// agentFailed is all that Message says of an error that an agent itself reports.
const agentFailed = "the agent reported an error"

// rawAnswer gives the bytes of a file, unless what came is a web page in its place or a report of a failure.
func rawAnswer(e *exchange, header http.Header, told func(kind error) *APIError, key string) ([]byte, error) {
	if header.Get("Content-Disposition") != "" {
		return e.body, nil
	}
	switch media := mediaType(header); {
	case media == "text/html":
		apiError := told(ErrBadResponse)
		apiError.Message = "a web page came back instead of the file"
		return nil, apiError
	case media == "application/json" && e.readJSON(header) == "" && failed(e.members):
		apiError := told(ErrRejected)
		describeFailure(apiError, e.body, header, key)
		return nil, apiError
	default:
		return e.body, nil
	}
}

// mediaType gives the type of an answer's body, or nothing where it is not told.
func mediaType(header http.Header) string {
	const usual = "application/json"
	told := header.Get("Content-Type")
	if told == usual || told == usual+"; charset=utf-8" {
		return usual
	}
	media, _, err := mime.ParseMediaType(told)
	if err != nil {
		return ""
	}
	return media
}

// markAmbiguous says of a write that was sent, and got no answer that settles it, that its outcome is unknown. A read
// has no outcome.
func markAmbiguous(e *exchange, apiError *APIError) {
	if e.operation.Class == Read || apiError.NotSent {
		return
	}
	apiError.causes = append(apiError.causes, apiError.kind)
	apiError.Message = joinSentence(apiError.kind.Error(), apiError.Message)
	apiError.kind = ErrOutcomeUnknown
}

func joinSentence(first, second string) string {
	if second == "" {
		return first
	}
	return first + ": " + second
}

// readJSON takes apart a body that should be the platform's JSON, or says what is wrong with it.
func (e *exchange) readJSON(header http.Header) (problem string) {
	switch media := mediaType(header); {
	case len(bytes.TrimSpace(e.body)) == 0:
		return "the answer is empty"
	case media == "text/html":
		return "a web page came back instead of the platform's JSON (a login or proxy page, or a wrong base URL)"
	case media != "" && media != "application/json" && !strings.HasSuffix(media, "+json"):
		return "the answer is not JSON by its content type"
	}
	members, ok := checkedMembers(e.room[:], e.body)
	switch {
	case ok:
		e.members = members
		return ""
	case len(members) == maxMembers:
		return "the answer has more members than the platform's can have"
	default:
		return "the answer is not valid JSON"
	}
}

// describeFailure fills in what the platform says about a failure. A redirect's target is named by its host alone.
func describeFailure(apiError *APIError, body []byte, header http.Header, key string) {
	if location := header.Get("Location"); location != "" && apiError.StatusCode < http.StatusBadRequest {
		if target, err := url.Parse(location); err == nil && target.Host != "" {
			apiError.Message = "it points to " + cleanText(target.Host, key)
		}
		return
	}
	var failure struct {
		Error   json.RawMessage `json:"error"`
		Message text            `json:"message"`
		Code    text            `json:"code"`
	}
	if len(body) > maxErrorData || json.Unmarshal(body, &failure) != nil {
		return
	}
	apiError.Data = body
	apiError.Code = shownID(string(failure.Code), key)
	apiError.Message = cleanText(firstText(string(failure.Message), failure.Error), key)
}

// firstText prefers the message; the error member may be a text or an object with a message of its own.
func firstText(message string, member json.RawMessage) string {
	if message != "" {
		return message
	}
	var nested struct {
		Message text `json:"message"`
	}
	if json.Unmarshal(member, &nested) == nil && nested.Message != "" {
		return string(nested.Message)
	}
	var plain string
	if json.Unmarshal(member, &plain) == nil {
		return plain
	}
	return ""
}

// transportError describes a call that got no usable answer.
func transportError(ctx context.Context, e *exchange, err error) error {
	if e.upload != nil {
		if reason := e.upload.failure(); reason != "" {
			// The form was never finished, so that the platform cannot have taken it.
			return &APIError{Operation: e.operation.Name, Message: reason, kind: ErrInvalidArgument}
		}
	}
	apiError := &APIError{Operation: e.operation.Name, StatusCode: e.status}
	apiError.NotSent = e.unsent
	apiError.Message, apiError.kind = transportKind(ctx, e, err)
	if refused, ok := errors.AsType[*breakerOpenError](err); ok {
		apiError.Message, apiError.kind, apiError.RetryAfter = refused.Error(), ErrUnavailable, refused.wait
	}
	if held, ok := errors.AsType[*heldBackError](err); ok {
		apiError.Message, apiError.kind, apiError.causes = held.Error(), ErrCanceled, []error{held.cause}
	}
	markAmbiguous(e, apiError)
	return apiError
}

func transportKind(ctx context.Context, e *exchange, err error) (message string, kind error) {
	network, isNetwork := errors.AsType[*net.OpError](err)
	dns, isDNS := errors.AsType[*net.DNSError](err)
	certificate := certificateProblem(err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return "the caller gave up", ErrCanceled
	case errors.Is(err, errAttemptTimeout), errors.Is(err, context.DeadlineExceeded):
		return "the platform did not answer in time", ErrTimeout
	case errors.Is(err, errResponseTooLarge):
		return errResponseTooLarge.Error(), ErrBadResponse
	case isDNS && dns.IsNotFound:
		return "host not found, check the base URL", ErrUnavailable
	case certificate != "":
		return certificate, ErrUnavailable
	case noSecureConnection(err):
		return "no secure connection could be agreed on", ErrUnavailable
	case isNetwork && network.Op == "dial":
		return "no connection, check the base URL and the network", ErrUnavailable
	case isNetwork && network.Op == "proxyconnect":
		return "the proxy could not be reached, check HTTPS_PROXY", ErrUnavailable
	case e.status == 0 && unprocessed(err):
		return "the platform refused to start on the request", ErrUnavailable
	case e.status == 0:
		return "the connection broke before an answer came", ErrUnavailable
	default:
		return "the connection broke before the whole answer came", ErrBadResponse
	}
}
