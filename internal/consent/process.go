package consent

import (
	"os"
	"strings"
)

// process names one opening of the journal.
type process struct {
	instance string
	// host is where the process id means something: a machine since it was started, and on it a namespace of process ids.
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
	if boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		host += "/" + strings.TrimSpace(string(boot)) // names of machines are not unique, and first namespaces are all alike
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
// process of this host. A call from the future is one of a clock that was wrong: when it ends cannot be told from it.
func (p process) lost(entry *Entry, now int64) bool {
	if entry.State != Sent {
		return false
	}
	return entry.EndsAt.UnixMicro() <= now || entry.SentAt.Add(-clockLeeway).UnixMicro() > now ||
		(entry.host == p.host && entry.pid != p.pid && p.gone(entry.pid))
}
