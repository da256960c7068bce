package sandbox

// accountRoutes are the user, and what the user lets others in with.
func (p *Platform) accountRoutes() map[string]route {
	return map[string]route{
		"GET /api/health":                                   {p.health, anybody, always},
		"GET /api/config":                                   {p.platformConfig, everyone, in2025},
		"GET /.well-known/jwks.json":                        {p.signingKeys, anybody, in2026},
		"GET /api/auth/jwks":                                {p.signingKeys, anybody, aside},
		"GET /.well-known/ucp":                              {p.manifest, anybody, in2026},
		"GET /api/user":                                     {p.current(p.getUser), everyone, always},
		"PATCH /api/user":                                   {p.renameUser, owners, in2026},
		"GET /api/users/me":                                 {p.current(p.getUser), everyone, in2026},
		"PATCH /api/users/me":                               {p.renameUser, owners, in2026},
		"GET /api/user/integrations":                        {p.listIntegrations, spenders, in2025},
		"POST /api/user/integrations":                       {p.createIntegration, owners, in2025},
		"GET /api/user/integrations/{integration}":          {p.getIntegration, spenders, in2025},
		"DELETE /api/user/integrations/{integration}":       {p.deleteIntegration, owners, in2025},
		"GET /api/api-keys":                                 {p.listKeys, owners, always},
		"POST /api/api-keys":                                {p.createKey, userKeys, always},
		"GET /api/api-keys/providers":                       {p.absent, everyone, aside},
		"GET /api/api-keys/{key}/stats":                     {p.absent, everyone, aside},
		"GET /api/api-keys/{key}":                           {p.getKey, owners, in2025},
		"DELETE /api/api-keys/{key}":                        {p.deleteKey, userKeys, always},
		"GET /api/access-tokens":                            {p.listAccessTokens, owners, in2026},
		"POST /api/access-tokens":                           {p.createAccessToken, userKeys, in2026},
		"GET /api/access-tokens/{token}":                    {p.getAccessToken, owners, in2026},
		"PATCH /api/access-tokens/{token}":                  {p.updateAccessToken, userKeys, in2026},
		"DELETE /api/access-tokens/{token}":                 {p.deleteAccessToken, userKeys, in2026},
		"POST /api/auth/validate-key":                       {p.validateKey, everyone, in2026},
		"POST /api/auth/cli/token":                          {p.commandLineToken, userKeys, in2026},
		"POST /api/auth/owner-assertion":                    {p.ownerAssertion, itself, aside},
		"GET /api/balance/spending-overrides":               {p.listOverrides, owners, in2026},
		"POST /api/balance/spending-overrides":              {p.createOverride, owners, in2026},
		"PATCH /api/balance/spending-overrides/{override}":  {p.updateOverride, owners, in2026},
		"DELETE /api/balance/spending-overrides/{override}": {p.deleteOverride, owners, in2026},
		"GET /api/spending-overrides":                       {p.listOverrides, owners, in2026},
		"POST /api/spending-overrides":                      {p.createOverride, owners, in2026},
		"PATCH /api/spending-overrides/{override}":          {p.updateOverride, owners, in2026},
		"DELETE /api/spending-overrides/{override}":         {p.deleteOverride, owners, in2026},
	}
}

// tokenRoutes are the user's credits, and the payment tokens that hold some of them. A token's id is enough to pay with
// it, so that whoever is held to a limit does not get to see them.
func (p *Platform) tokenRoutes() map[string]route {
	return map[string]route{
		"GET /api/user/credits":                    {p.current(p.getCredits), everyone, in2025},
		"GET /api/balance":                         {p.current(p.getBalance), everyone, in2026},
		"GET /api/user/transactions":               {p.current(p.listTransactions), everyone, in2025},
		"GET /api/balance/transactions":            {p.current(p.listTransactions), everyone, in2026},
		"POST /api/user/transactions":              {p.trackUsage, everyone, in2025},
		"POST /api/credits/transfer":               {p.transferCredits, spenders, in2025},
		"POST /api/user/tokens":                    {p.mintToken, spenders, in2025},
		"POST /api/user/tokens/cancel":             {p.cancelToken, owners, in2025},
		"GET /api/balance/tokens":                  {p.current(p.listTokens), owners, in2026},
		"GET /api/payments/tokens":                 {p.current(p.listTokens), owners, in2026},
		"GET /api/payments/tokens/{token}":         {p.current(p.getToken), owners, in2026},
		"DELETE /api/payments/tokens/{token}":      {p.revokeToken, owners, in2026},
		"PATCH /api/payments/tokens/{token}/topup": {p.topUpToken, spenders, in2026},
		"POST /api/payments/tokens/{token}/topup":  {p.topUpToken, spenders, aside},
		"GET /api/payments/tokens/{token}/tree":    {p.current(p.tokenTree), owners, aside},
	}
}

// paymentRoutes are what is done with a payment token by whoever holds one. The payee needs no more than it.
func (p *Platform) paymentRoutes() map[string]route {
	return map[string]route{
		"POST /api/token/validate":        {p.current(p.validateToken), everyone, in2025},
		"POST /api/token/redeem":          {p.redeemToken, everyone, in2025},
		"GET /api/tokens/validate":        {p.current(p.validateToken), everyone, in2025},
		"PUT /api/tokens/redeem":          {p.redeemToken, everyone, in2025},
		"POST /api/payments/verify":       {p.current(p.verifyToken), anybody, in2026},
		"POST /api/payments/lock":         {p.lockPayment, everyone, in2026},
		"PATCH /api/payments/lock/{lock}": {p.extendLock, everyone, in2026},
		"POST /api/payments/settle":       {p.settlePayment, everyone, in2026},
		"POST /api/payments/delegate":     {p.delegateToken, everyone, in2026},
		"POST /api/x402/verify":           {p.current(p.verifyX402), anybody, in2025},
		"POST /api/x402/settle":           {p.settleX402, everyone, in2025},
		"GET /api/x402/supported":         {p.supportedSchemes, anybody, in2025},
		"GET /api/x402/exchange":          {p.exchangeRates, anybody, in2025},
		"POST /api/x402/exchange":         {p.exchange, everyone, in2025},
	}
}
