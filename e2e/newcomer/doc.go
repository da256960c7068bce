// Package newcomer does what somebody does who has just built the program, in a home that holds nothing: tells an MCP
// client of it, lets that client work, asks the doctor, and takes it out again.
package newcomer
