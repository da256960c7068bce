// Package chaos holds tests alone. They drive the real server, in processes of its own, against a platform on loopback
// that keeps an append-only ledger and breaks at every point where one can break, while the server is killed, stopped,
// asked twice and raced by a second one on the same journal. What the ledger, the journal, the audit trail and the
// answers say must agree when all is quiet.
//
// The operations and faults of a run follow from its seed. How the processes interleave does not, so that a seed that
// fails may have to be run more than once to fail again.
package chaos
