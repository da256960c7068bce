//go:build !race

package rawio

import (
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"
)

const (
	// most is how many bytes are written at a time: what takes longer is left to be watched.
	most = 64 << 10
	// small is how many bytes a read may give. More are a part of much, and who reads much computes much: the rest is watched.
	small = 4 << 10
)

// Conn gives a TCP connection that is read and written so while alone is set. Others, and all where alone is nil, it gives as
// they are.
func Conn(plain net.Conn, alone *atomic.Bool) net.Conn {
	tcp, ok := plain.(*net.TCPConn)
	if !ok || alone == nil {
		return plain
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return plain // it is closed
	}
	return &conn{tcp, newOperation(raw.Read, syscall.SYS_READ, alone), newOperation(raw.Write, syscall.SYS_WRITE, alone)}
}

type conn struct {
	*net.TCPConn

	in, out *operation
}

func (c *conn) Read(to []byte) (int, error) {
	n, fault, err := c.in.read(to, c.TCPConn)
	if fault != 0 {
		err = c.failed("read", fault)
	}
	return n, err
}

func (c *conn) Write(from []byte) (int, error) {
	if len(from) == 0 || len(from) > most || !c.out.alone.Load() {
		return c.TCPConn.Write(from)
	}
	n, fault, ok := c.out.once(from)
	switch {
	case !ok:
		more, err := c.TCPConn.Write(from[n:])
		return n + more, err
	case fault != 0:
		return n, c.failed("write", fault)
	}
	return n, nil
}

// failed tells what went wrong as package net does.
func (c *conn) failed(operation string, fault syscall.Errno) error {
	return &net.OpError{
		Op: operation, Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError(operation, fault),
	}
}

// Listener has the connections that it accepts read and written so while alone is set.
func Listener(plain net.Listener, alone *atomic.Bool) net.Listener { return listener{plain, alone} }

type listener struct {
	net.Listener

	alone *atomic.Bool
}

func (l listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return Conn(accepted, l.alone), nil
}

// Pipe gives what reads a pipe so while alone is set. The runtime must poll the pipe: a read that blocks would stop everything.
func Pipe(polled *os.File, alone *atomic.Bool) io.Reader {
	raw, err := polled.SyscallConn()
	if err != nil || alone == nil {
		return polled
	}
	return &pipe{polled, newOperation(raw.Read, syscall.SYS_READ, alone)}
}

type pipe struct {
	*os.File

	in *operation
}

func (p *pipe) Read(to []byte) (int, error) {
	n, fault, err := p.in.read(to, p.File)
	if fault != 0 {
		err = &os.PathError{Op: "read", Path: p.Name(), Err: fault}
	}
	return n, err
}

// operation is a system call on one descriptor, which is made again once the descriptor is ready.
type operation struct {
	// poll makes a step, waits until the descriptor is ready when that gives false, and then makes another.
	poll func(step func(descriptor uintptr) bool) error
	step func(descriptor uintptr) bool
	// number is that of the system call, and whole says that it is made until all bytes are moved.
	number uintptr
	whole  bool
	alone  *atomic.Bool
	// amidMuch says that the last read gave much.
	amidMuch atomic.Bool

	mu    sync.Mutex
	bytes []byte
	n     int
	fault syscall.Errno
}

func newOperation(poll func(func(uintptr) bool) error, number uintptr, alone *atomic.Bool) *operation {
	o := &operation{poll: poll, number: number, whole: number == syscall.SYS_WRITE, alone: alone}
	o.step = o.call
	return o
}

// read reads so, or as usual where that is better. A fault of the system call is told as such.
func (o *operation) read(to []byte, usual io.Reader) (n int, fault syscall.Errno, err error) {
	if len(to) == 0 || !o.alone.Load() || o.amidMuch.Load() {
		n, err = usual.Read(to)
		o.took(n, to)
		return n, 0, err
	}
	n, fault, ok := o.once(to)
	o.took(n, to)
	switch {
	case !ok:
		n, err = usual.Read(to)
	case fault == 0 && n == 0:
		err = io.EOF
	}
	return n, fault, err
}

// took notes how many bytes a read has given.
func (o *operation) took(n int, to []byte) { o.amidMuch.Store(n >= small || n > 1 && n == len(to)) }

// once moves what can be moved at once, after having waited until that is something. It reports false where the descriptor is
// closed or too late, which the usual way then tells better; some bytes may have been written.
func (o *operation) once(bytes []byte) (n int, fault syscall.Errno, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bytes, o.n, o.fault = bytes, 0, 0
	err := o.poll(o.step)
	o.bytes = nil
	return o.n, o.fault, err == nil
}

// call makes the system call. It reports false where the descriptor is not ready.
func (o *operation) call(descriptor uintptr) bool {
	for {
		n, _, fault := syscall.RawSyscall(o.number, descriptor, uintptr(unsafe.Pointer(&o.bytes[0])), uintptr(len(o.bytes))) //nolint:gosec // system calls take addresses
		switch fault {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		case 0:
			o.n, o.bytes = o.n+int(n), o.bytes[n:]
			if !o.whole || len(o.bytes) == 0 {
				return true
			}
		default:
			o.fault = fault
			return true
		}
	}
}
