// Package packaging checks what releases are made from, without making one: manual pages, completions, and that
// .goreleaser.yaml agrees with the Makefile and with what is generated. e2e/packages checks what was made.
package packaging
