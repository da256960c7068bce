package tools

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/robutlerai/robutler-mcp/client"
)

// UserOutput is the result of get_user.
type UserOutput struct {
	AccountUser
	ReferralCode string           `json:"referral_code,omitempty"`
	TotalCredits *decimal.Decimal `json:"total_credits,omitempty"`
	UsedCredits  *decimal.Decimal `json:"used_credits,omitempty"`
}

func (t accountTools) getUser() Tool {
	return Define(Spec{
		Name: "get_user", Title: "Get my profile", Toolset: ToolsetAccount, Class: client.Read,
		Description: "Shows who the user is: profile and identity of whoever is logged in on Robutler. " +
			"Gives email address, role, plan and referral code. Answers who am I.",
		Example: `{}`,
	}, func(ctx context.Context, _ NoInput) (UserOutput, error) {
		profile, err := t.platform.Client.User.Get(ctx)
		if err != nil {
			return UserOutput{}, err
		}
		return UserOutput{
			AccountUser: accountUser(profile), ReferralCode: shorten(profile.ReferralCode, maxNameText),
			TotalCredits: profile.TotalCredits, UsedCredits: profile.UsedCredits,
		}, nil
	})
}

func accountUser(profile *client.UserProfile) AccountUser {
	return AccountUser{
		ID: shorten(profile.ID, maxNameText), Name: shorten(profile.Name, maxNameText), Email: shorten(profile.Email, maxRowText),
		Role: shorten(profile.Role, maxNameText), Plan: shorten(profile.PlanName, maxNameText),
	}
}
