//go:build unix

package consent

import (
	"errors"
	"syscall"
)

// processGone asks without a signal; a process of another user answers too, with a refusal.
func processGone(pid int) bool {
	return pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
