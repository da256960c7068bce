//go:build !unix

package tools

// openNonblocking has no meaning where pipes do not live in folders.
const openNonblocking = 0
