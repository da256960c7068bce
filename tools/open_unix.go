//go:build unix

package tools

import "syscall"

// openNonblocking keeps the open of a pipe from waiting for its other end.
const openNonblocking = syscall.O_NONBLOCK
