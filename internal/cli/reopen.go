//go:build !linux

package cli

import "io"

// reopened gives the input as it is: only Linux opens a pipe anew.
func reopened(in io.Reader) (_ io.Reader, pollable bool) { return in, false }
