package tools

import (
	"encoding/json"
	"net/url"

	"github.com/shopspring/decimal"
)

// Result is what a tool gives.
type Result struct {
	// Structured holds the facts as compact JSON that fits the tool's output schema.
	Structured json.RawMessage
	// Attachments go beside the facts: pictures, a file's bytes, links to resources.
	Attachments []Attachment
	// Kept is what may be stored of Structured, without secrets; nil when that is all of it.
	Kept json.RawMessage
	// Pending is set when the call was not made, because somebody has to agree first.
	Pending *Confirmation
	// RequestID is the platform's id of the request, or empty.
	RequestID string
	// MovedCredits is what the call moved, where it tells that; more than was asked for counts against the limits.
	MovedCredits *decimal.Decimal
}

// AttachmentKind says how a client should take an [Attachment].
type AttachmentKind int

// The kinds of attachments.
const (
	// AttachedImage is a picture to look at.
	AttachedImage AttachmentKind = iota + 1
	// AttachedAudio is a sound to listen to.
	AttachedAudio
	// AttachedFile holds the bytes of a file.
	AttachedFile
	// AttachedLink names a resource that can be read.
	AttachedLink
)

// Attachment is something beside the facts of a result. It is made by third parties unless its tool drew it.
type Attachment struct {
	Kind AttachmentKind
	// URI names the resource that an AttachedFile or an AttachedLink is.
	URI string
	// Name is shown to people.
	Name string
	// MIMEType is the media type of Data, or of what the link leads to.
	MIMEType string
	// Data are the bytes; a link has none.
	Data []byte
}

// attacher is implemented by outputs that carry attachments.
type attacher interface{ attachments() []Attachment }

// The addresses of the resources that the server offers.
const (
	ResourceAccount       = "robutler://account"
	ResourceAgentPrefix   = "robutler://agents/"
	ResourceContentPrefix = "robutler://content/"
)

func agentLink(agent AgentRow) Attachment {
	return Attachment{Kind: AttachedLink, URI: ResourceAgentPrefix + url.PathEscape(agent.Name), Name: visible(agent.Name), MIMEType: mimeJSON}
}

func contentLink(file FileRow) Attachment {
	return Attachment{
		Kind: AttachedLink, URI: ResourceContentPrefix + url.PathEscape(file.ID), Name: visible(file.Name), MIMEType: visible(file.ContentType),
	}
}

const mimeJSON = "application/json"
