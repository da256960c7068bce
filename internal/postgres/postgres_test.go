package postgres

import (
	"database/sql"
	"database/sql/driver"
	"strings"
	"testing"
	"time"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, prepares := range map[string]bool{
		"postgres://user:hunter2@127.0.0.1:5432/journal?sslmode=disable&application_name=x":      true,
		"postgres://127.0.0.1/journal?default_query_exec_mode=cache_statement":                   true,
		"postgres://127.0.0.1/journal?default_query_exec_mode=exec&statement_cache_capacity=10":  false,
		"postgres://127.0.0.1/journal?default_query_exec_mode=exec&description_cache_capacity=0": false,
	} {
		config, got, err := parse(address)
		if err != nil || got != prepares {
			t.Errorf("%s: prepares %v, %v", address, got, err)
			continue
		}
		for name := range config.RuntimeParams {
			if name != "application_name" {
				t.Errorf("%s: the server is sent %s", address, name)
			}
		}
	}
	for _, bad := range []string{"postgres://user:hunter2@%zz/", "postgres://user:hunter2@host:port/", "postgres://user:hunter2@host/?sslmode=hunter2"} {
		if _, err := Open(bad); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestNobodyThereIsToldWithoutThePassword(t *testing.T) {
	t.Parallel()
	database, err := Open("postgres://user:hunter2@127.0.0.1:1/journal")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	if err := database.PingContext(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestTransactionsBeginAsAskedFor(t *testing.T) {
	t.Parallel()
	for options, want := range map[sql.TxOptions]string{
		{}:                                    "BEGIN",
		{ReadOnly: true}:                      "BEGIN READ ONLY",
		{Isolation: sql.LevelReadUncommitted}: "BEGIN ISOLATION LEVEL READ UNCOMMITTED",
		{Isolation: sql.LevelReadCommitted}:   "BEGIN ISOLATION LEVEL READ COMMITTED",
		{Isolation: sql.LevelRepeatableRead}:  "BEGIN ISOLATION LEVEL REPEATABLE READ",
		{Isolation: sql.LevelSerializable, ReadOnly: true}: "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
		{Isolation: sql.LevelLinearizable}:                 "", {Isolation: sql.LevelSnapshot}: "",
	} {
		got, err := begin(driver.TxOptions{Isolation: driver.IsolationLevel(options.Isolation), ReadOnly: options.ReadOnly})
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%v: %q, %v", options, got, err)
		}
	}
}

func TestValuesOfOtherTypesAreRefused(t *testing.T) {
	t.Parallel()
	for _, value := range []any{time.Time{}, 1.5, []byte("x")} {
		if _, err := encode([]driver.NamedValue{{Ordinal: 1, Value: value}}); err == nil {
			t.Errorf("%T was taken", value)
		}
	}
}

func TestStatementsAreNotPreparedByHand(t *testing.T) {
	t.Parallel()
	if _, err := (&connection{}).Prepare("SELECT 1"); err == nil {
		t.Error("prepared")
	}
	if _, err := connector("").Open("postgres://127.0.0.1:1/journal"); err == nil {
		t.Error("connected")
	}
}
