package cli

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// reopened opens a pipe anew, so that a read which has to wait does so with the runtime's poller and not in the kernel, where it
// would keep a thread and for a while a processor. Whoever shares the pipe keeps it as it is: what is open is a new
// description of the same pipe. Of other input it reports false.
func reopened(in io.Reader) (_ *os.File, ok bool) {
	file, ok := in.(*os.File)
	if !ok {
		return nil, false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return nil, false
	}
	again, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false // there is no /proc, or the pipe is another user's
	}
	return again, true
}
