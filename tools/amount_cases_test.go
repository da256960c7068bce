//go:build !race

package tools_test

const amountCases = 1_000_000
