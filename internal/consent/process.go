package consent

import (
	"os"
)

// process names one opening of the journal.
type process struct {
	instance string
	// host is where the process id means something: a machine, and on it a namespace of process ids.
	host string
	pid  int
	// gone reports that a process of this host has ended.
	gone func(pid int) bool
}

func thisProcess(instance string) process {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	if namespace, err := os.Readlink("/proc/self/ns/pid"); err == nil {
		host += "/" + namespace
	}
	if instance == "" {
		instance = newID()
	}
	return process{instance: instance, host: host, pid: os.Getpid(), gone: processGone}
}

// lost reports that a sent call will not be finished by who sent it. While its time runs, that is certain only of a
// process of this host.
func (p process) lost(entry *Entry, now int64) bool {
	if entry.State != Sent {
		return false
	}
	return entry.EndsAt.UnixMicro() <= now || (entry.host == p.host && entry.pid != p.pid && p.gone(entry.pid))
}
