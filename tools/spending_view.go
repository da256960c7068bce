package tools

import _ "embed"

// viewSpending is the address of the page that shows spending in clients with MCP Apps.
const viewSpending = "ui://robutler/spending.html"

//go:embed view/spending.html
var spendingPageHTML string

// spendingView is a whole page: it loads nothing and draws what structured results hold under "spending".
func spendingView() []byte { return []byte(spendingPageHTML) }

func views() []View {
	return []View{{URI: viewSpending, Title: "Spending", HTML: spendingView()}}
}
