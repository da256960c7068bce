package cli

import (
	"fmt"

	"github.com/robutlerai/robutler-mcp/internal/consent"
	"github.com/robutlerai/robutler-mcp/tools"
)

// stepFor says what to do at a terminal about a kind of failure, whatever the tool.
func stepFor(code string) step {
	doctor := []string{"doctor"}
	switch code {
	case tools.CodeKeyMissing:
		return step{text: "Put your key into WEBAGENTS_API_KEY; keys are made at https://robutler.ai/developer. To try it without one, add --sandbox."}
	case tools.CodeKeyRefused:
		return step{"The platform does not accept the key; keys are made at https://robutler.ai/developer. To see where yours comes from:", doctor}
	case tools.CodeForbidden:
		return step{text: "Only the owner, or a key with the permission, may do this. Trying again does not help."}
	case tools.CodeInsufficientFunds:
		return step{"The balance does not cover this. To see it:", []string{"call get_credits"}}
	case tools.CodeConflict:
		return step{text: "Look at what there is by now before you try another name or value. Under another idempotency_key what was done before is done again."}
	case tools.CodeRateLimited:
		return step{text: "Too many calls came in a short time. Wait a little, then try once more."}
	case tools.CodeUnsupported:
		return step{"The platform at this address does not offer this. To see which one answers:", doctor}
	case tools.CodeRejected:
		return step{text: "The platform refused it, and nothing was done. Change what it objects to before you try again."}
	case tools.CodeUpstreamError:
		return step{text: "The platform failed. Try again in a moment."}
	case tools.CodeUpstreamUnavailable:
		return step{"The platform cannot be reached. Check the network and ROBUTLER_API_URL. To find out more:", doctor}
	case tools.CodeUpstreamBadResponse:
		return step{"Something other than the platform answered. Check ROBUTLER_API_URL, and any proxy or login page. To find out more:", doctor}
	case tools.CodeUnexpectedRedirect:
		return step{text: "The address is wrong: redirects are never followed. Correct ROBUTLER_API_URL."}
	case tools.CodeTimeout:
		return step{text: "Try again in a moment, or allow more time with --timeout."}
	case tools.CodeCanceled:
		return step{text: "It was ended before it was done."}
	case tools.CodeResultTooLarge:
		return step{text: "Ask for less: a lower limit=, a filter, or a single item."}
	case tools.CodeInternal:
		return step{text: "This is a fault of robutler-mcp. Its log, on stderr or in the file of --log-file, says more."}
	default:
		return stepForGuarded(code)
	}
}

// stepForGuarded says what to do about failures of calls that are made once at most.
func stepForGuarded(code string) step {
	switch code {
	case tools.CodeOutcomeUnknown:
		return step{"It may have happened. Do not repeat it before you have looked, here or with what lists the things that it changes:",
			[]string{"journal", "call list_transactions"}}
	case tools.CodeAmountMismatch:
		return step{"The platform moved another amount than was asked for. Do not repeat it. To see what happened:", []string{"call list_transactions"}}
	case tools.CodeDeclined:
		return step{text: "Run it again if you want it after all."}
	case tools.CodeConfirmationInvalid:
		return step{text: fmt.Sprintf("Nothing was sent. Run it again without confirmation=, and agree within %.0f minutes.", consent.HandleLifetime.Minutes())}
	case tools.CodePossibleDuplicate:
		return step{"To be asked whether to do it once more, run it again without confirmation=. To see what was done:", []string{"journal --all"}}
	case tools.CodeInProgress:
		return step{"It goes on without this command. To see how it ended:", []string{"journal --all"}}
	case tools.CodeLimitExceeded:
		return step{text: "If you want this, raise the limit with the flag named above, in the environment or in the configuration file. " +
			"The limit of a day begins anew at midnight UTC."}
	case tools.CodeJournalUnavailable:
		return step{"Calls that only read go on working. To check the disk or the database that --journal names:", []string{"doctor"}}
	default:
		return step{}
	}
}
