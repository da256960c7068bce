//go:build !linux

package cli

// giveBackPages leaves the program's pages where they are: only Linux can be told which ones to give back.
func giveBackPages() error { return nil }
