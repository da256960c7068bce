package consent

import (
	"crypto/hmac"
	"encoding/hex"
	"time"

	"github.com/robutlerai/robutler-mcp/tools"
)

// checkCall says what of a call is not what the handle was made for. Amount and recipient come later, from checkTerms:
// finding them out may need the platform.
func (s *sealer) checkCall(opened handle, caller, tool string, arguments []byte) error {
	switch {
	case !hmac.Equal(opened.caller, s.tag("caller", caller)):
		return refuseHandle("it was made for another caller")
	case !hmac.Equal(opened.tool, s.tag("tool", tool)):
		return refuseHandle("it was made for another tool")
	case !hmac.Equal(opened.arguments, keyedDigest(s.binding, []byte("arguments"), arguments)[:argumentTag]):
		return refuseHandle("it was made for other arguments")
	default:
		return nil
	}
}

// checkTerms compares all that a handle is bound to with what would happen now.
func (s *sealer) checkTerms(opened handle, now terms) error {
	now.Duplicate = opened.acknowledged()
	if !hmac.Equal(opened.binding, s.bind(now)) {
		return refuseHandle("it would no longer do what was shown: the amount, recipient, price, file or settings are others now")
	}
	return nil
}

// acknowledged is the beginning of the id of the earlier call that was shown with the handle, or empty.
func (h handle) acknowledged() string {
	for _, b := range h.duplicate {
		if b != 0 {
			return hex.EncodeToString(h.duplicate)
		}
	}
	return ""
}

// checkTime refuses a handle that has ended, or that begins in the future.
func (h handle) checkTime(now time.Time) error {
	if !now.Before(h.Expires) || h.Expires.Sub(now) > HandleLifetime+clockLeeway {
		return refuseHandle("it has expired")
	}
	return nil
}

// refuseHandle is the answer to a handle that is not good for the call.
func refuseHandle(why string) error {
	return &tools.Error{
		Code: tools.CodeConfirmationInvalid, Message: "the confirmation was not accepted: " + why,
		NextStep: "Nothing was sent. Call again without confirmation, show the user what comes back, and use the confirmation " +
			"in it once, unchanged, with the same arguments.",
	}
}
