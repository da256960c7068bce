// Package soak keeps the built binary under a steady load for long, while sessions come and go, and holds its memory, its
// goroutines and its file descriptors to staying as they are.
package soak
