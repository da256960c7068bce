// Package hostile treats the built binary as broken networks, careless clients and attackers do: the client's side of the
// fault matrix, and the threats that a server of this kind is exposed to. Each row is tried over every transport that it
// concerns, and prints what was measured.
package hostile
