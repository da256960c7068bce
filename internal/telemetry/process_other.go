//go:build !linux

package telemetry

// writeProcess adds nothing: the documentation promises the metrics of the process on Linux alone.
func writeProcess(*exposition) {}
