// Package rawio reads and writes connections and pipes with system calls that Go's scheduler is not told of.
//
// The scheduler has a thread that watches for system calls that last. Whenever a process has nothing to do that thread goes to
// sleep; the next system call wakes it, and it then looks every 20 µs whether there is anything to do for it. In a server that
// does one thing after another that is twice for each request: a fifth of the processor's time, and a thread to be woken while
// a client waits. Connections and pipes that the runtime polls hold nobody up for long, so that there is nothing to watch.
//
// It is done while a flag says that requests come one after another, and for what is small: who moves much computes much as
// well, and that thread is also the one that sees to it that others get their turn. Only Linux is known to gain; elsewhere
// everything is as it was.
package rawio
