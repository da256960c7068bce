// Package bench counts what a call costs in the program and in a bare server of the same library beside it.
package bench
