// Package consent stands between a call that changes something and its effect. It has people agree first, by sealed
// handles that are good for one call; it writes every such call into a durable journal before a byte of it is sent, so
// that none is made twice; it holds to spending limits; and it keeps an audit trail.
//
// Which calls it journals: those of the classes Delete, Secret and Money in every mode, and under [ModeAlways] Update
// and Create too. A call that is not journalled is made at once, as if the gate were not there.
package consent
