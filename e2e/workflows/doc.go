// Package workflows checks what runs on the forge: that its workflows name exactly what they run, may do no more than they
// need, and end.
package workflows
