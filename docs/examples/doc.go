// Package examples holds the programs that docs/sandbox.md shows: tests of an agent's code against the embedded
// platform, in Go, Python and TypeScript. The end-to-end tests run them.
package examples
