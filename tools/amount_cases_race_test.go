//go:build race

package tools_test

// amountCases are fewer where each is ten times as slow.
const amountCases = 50_000
