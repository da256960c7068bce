package tools

import (
	"context"

	"github.com/robutlerai/robutler-mcp/client"
)

// How far transactions are walked for a chart, in rows of the platform's.
const (
	maxSpendingRows = 1000
	spendingPage    = 100
	summaryDays     = 30
)

// recentSpending adds up the usage of the last summaryDays days.
func (t accountTools) recentSpending(ctx context.Context) (*Spending, error) {
	recent := lastDays(summaryDays, t.platform.now())
	options := client.TransactionListOptions{Type: usageType, Limit: spendingPage}
	page, err := t.platform.Client.User.Transactions(ctx, options)
	if err != nil {
		return nil, err
	}
	walked, complete, err := t.walk(ctx, options, page, recent)
	if err != nil {
		return nil, err
	}
	spending := spendingOf(walked, recent)
	spending.Complete = spending.Complete && complete
	return &spending, nil
}

// listedSpending adds up the usage of a list from a page of it on.
func (t accountTools) listedSpending(
	ctx context.Context, options client.TransactionListOptions, page client.Page[client.Transaction],
) (*Spending, error) {
	walked, complete, err := t.walk(ctx, options, page, dayRange{})
	if err != nil {
		return nil, err
	}
	listed, whole := windowOf(walked, t.platform.now())
	spending := spendingOf(walked, listed)
	spending.Complete = spending.Complete && complete && whole
	return &spending, nil
}

// walk gathers the rows of a list, newest first, from a page of it to its end, to the days before a window or to
// maxSpendingRows. It says whether there is nothing more to find.
func (t accountTools) walk(
	ctx context.Context, options client.TransactionListOptions, page client.Page[client.Transaction], until dayRange,
) (walked []client.Transaction, complete bool, err error) {
	start := options.Cursor.Offset
	for {
		walked = append(walked, page.Items...)
		if page.Next == nil || endsBefore(page.Items, until) {
			return walked, true, nil
		}
		left := maxSpendingRows - (page.Next.Offset - start)
		if left <= 0 {
			return walked, false, nil
		}
		options.Limit, options.Cursor = min(left, spendingPage), *page.Next
		if page, err = t.platform.Client.User.Transactions(ctx, options); err != nil {
			return nil, false, err
		}
	}
}

func endsBefore(transactions []client.Transaction, w dayRange) bool {
	if len(transactions) == 0 {
		return false
	}
	at := transactions[len(transactions)-1].CreatedAt
	return at != nil && dayOf(*at).Before(w.from)
}
