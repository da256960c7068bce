// Package packages installs what make dist built, each in a root of its own, starts it, and removes it again. Run it with
// make dist-check.
package packages
