package packages

import (
	"fmt"
	"os"
	"testing"
)

// distVariable names the folder that make dist filled.
const distVariable = "DIST"

func TestMain(m *testing.M) {
	if os.Getenv(distVariable) == "" {
		fmt.Println("NOT RUN: no test of this package ran, for DIST names no folder that make dist filled: run make dist and make dist-check")
		return
	}
	os.Exit(m.Run())
}
