package hostile

import (
	"slices"
	"testing"
)

// TestClientFaults goes through the client's side of the fault matrix, and prints what each row measured.
func TestClientFaults(t *testing.T) {
	platform := openGateway(t)
	try(t, "Faults of clients", slices.Concat(
		endRows(platform), moneyRows(platform), cancelRows(platform), loadRows(platform), sizeRows(platform), jsonRows(platform), idRows(platform),
		webRows(platform), sessionRows(platform), diskRows(platform), elsewhereRows(),
	))
}
