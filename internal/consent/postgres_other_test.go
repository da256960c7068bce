//go:build !unix

package consent

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newPostgres(t testing.TB) string {
	t.Helper()
	t.Skip("the tests start PostgreSQL on unix only")
	return ""
}
