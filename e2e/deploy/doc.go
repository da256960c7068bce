// Package deploy checks what deploy/ ships: that it is well formed, agrees with itself, and starts the built binary.
package deploy
