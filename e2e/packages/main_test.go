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
		fmt.Println("these tests install what make dist built: run them with make dist-check")
		return
	}
	os.Exit(m.Run())
}
