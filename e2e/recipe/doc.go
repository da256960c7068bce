// Package recipe copies the scripted Inspector tests to where a user would, and runs them there.
package recipe
