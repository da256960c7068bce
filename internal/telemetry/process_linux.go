package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ticksPerSecond is the unit of times in /proc, which is the same on every architecture that Go knows (USER_HZ).
const ticksPerSecond = 100

// writeProcess adds what Linux tells of the process, under the names of Prometheus's own client library. What cannot be
// read is left out.
func writeProcess(x *exposition) {
	if stat, err := readStat(); err == nil {
		x.single("process_cpu_seconds_total", "counter", "CPU time in user and system mode.", (stat.user+stat.system)/ticksPerSecond)
		x.single("process_virtual_memory_bytes", "gauge", "Virtual memory.", stat.virtualBytes)
		x.single("process_resident_memory_bytes", "gauge", "Memory that is resident.", stat.residentPages*float64(os.Getpagesize()))
		if boot, err := bootTime(); err == nil {
			x.single("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", boot+stat.started/ticksPerSecond)
		}
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		x.single("process_open_fds", "gauge", "File descriptors that are open.", float64(len(open)))
	}
	limit("process_max_fds", "How many file descriptors may be open.", syscall.RLIMIT_NOFILE, x)
	limit("process_virtual_memory_max_bytes", "How much virtual memory there may be.", syscall.RLIMIT_AS, x)
	if received, sent, err := readTraffic(); err == nil {
		x.single("process_network_receive_bytes_total", "counter", "Bytes that came over the network, in the process's namespace.", received)
		x.single("process_network_transmit_bytes_total", "counter", "Bytes that went over the network, in the process's namespace.", sent)
	}
}

func limit(name, help string, resource int, x *exposition) {
	var is syscall.Rlimit
	if syscall.Getrlimit(resource, &is) == nil {
		x.single(name, "gauge", help, float64(is.Cur))
	}
}

// processStat is in ticks, bytes and pages.
type processStat struct{ user, system, started, virtualBytes, residentPages float64 }

// readStat reads /proc/self/stat: see proc_pid_stat(5).
func readStat() (processStat, error) {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return processStat{}, fmt.Errorf("read process: %w", err)
	}
	words := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // the name, ahead of it, may hold anything
	const state = 3                                                          // the manual's number of the first of them
	if len(words) <= 24-state {
		return processStat{}, errors.New("read process: /proc/self/stat is too short")
	}
	fields, err := floatsOf(words[1 : 25-state])
	if err != nil {
		return processStat{}, err
	}
	const first = state + 1
	return processStat{
		user: fields[14-first], system: fields[15-first], started: fields[22-first],
		virtualBytes: fields[23-first], residentPages: fields[24-first],
	}, nil
}

// bootTime reads when the machine began, in seconds since 1970.
func bootTime() (float64, error) {
	fields, err := lineOf("/proc/stat", "btime", 0)
	if err != nil {
		return 0, err
	}
	values, err := floatsOf(fields)
	if err != nil || len(values) == 0 {
		return 0, errors.New("read boot time: /proc/stat is not as expected")
	}
	return values[0], nil
}

// readTraffic reads the bytes of IP packets that were received and sent.
func readTraffic() (received, sent float64, _ error) {
	names, err := lineOf("/proc/self/net/netstat", "IpExt:", 0)
	if err != nil {
		return 0, 0, err
	}
	texts, err := lineOf("/proc/self/net/netstat", "IpExt:", 1)
	if err != nil {
		return 0, 0, err
	}
	values, err := floatsOf(texts)
	if err != nil || len(values) < len(names) {
		return 0, 0, errors.New("read traffic: /proc/self/net/netstat is not as expected")
	}
	for i, name := range names {
		switch name {
		case "InOctets":
			received = values[i]
		case "OutOctets":
			sent = values[i]
		}
	}
	return received, sent, nil
}

// lineOf gives the words after the first one of the nth line that it begins, counted from 0.
func lineOf(path, first string, nth int) ([]string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // one of the above
	if err != nil {
		return nil, fmt.Errorf("read process: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != first {
			continue
		}
		if nth == 0 {
			return words[1:], nil
		}
		nth--
	}
	return nil, fmt.Errorf("read process: %s has no %s", path, first)
}

func floatsOf(texts []string) ([]float64, error) {
	values := make([]float64, len(texts))
	for i, text := range texts {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("read process: %w", err)
		}
		values[i] = value
	}
	return values, nil
}
