package cli

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// TestMovementsOfMoneyAreDated, in lists of their own and in summaries: when, how much and what come first.
func TestMovementsOfMoneyAreDated(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"list_transactions", "get_account_summary"} {
		for width, columns := range map[int][]string{
			60:  {"CREATED", "STATUS", "AMOUNT"},
			80:  {"CREATED", "STATUS", "AMOUNT", "DESCRIPTION"},
			140: {"CREATED", "STATUS", "AMOUNT", "DESCRIPTION", "ID", "TYPE"},
		} {
			t.Run(fmt.Sprintf("%s %d", tool, width), func(t *testing.T) {
				t.Parallel()
				streams := terminal("", map[string]string{"NO_COLOR": "1", "COLUMNS": strconv.Itoa(width)})
				seen, status := asSeen(t, streams, "call", tool)
				_, table, _ := strings.Cut(seen, "transactions (6)\n")
				header, rows, _ := strings.Cut(table, "\n")
				if found := strings.Fields(header); status != 0 || len(found) < len(columns) || strings.Join(found[:len(columns)], " ") != strings.Join(columns, " ") {
					t.Errorf("status %d: %s", status, seen)
				}
				if first, _, _ := strings.Cut(rows, "\n"); width >= 80 && !strings.Contains(first, "service agreement") {
					t.Errorf("it is cut: %s", first)
				}
			})
		}
	}
}
