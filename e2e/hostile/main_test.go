package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// launchVariable makes this test program a launcher: the parent that a server loses.
const launchVariable = "HOSTILE_LAUNCH"

func TestMain(m *testing.M) {
	if path := os.Getenv(launchVariable); path != "" {
		launch(path)
		return
	}
	if os.Getenv("HOSTILE") == "" {
		fmt.Println("these tests take minutes and measure: run them with make hostile")
		return
	}
	os.Exit(m.Run())
}

// launch starts a server, holds its stdin open and waits to be killed. The server keeps this program's stderr open: its
// end tells that both are gone.
func launch(path string) {
	server := exec.Command(path, "stdio")
	server.Stderr = os.Stderr
	input, err := server.StdinPipe()
	if err != nil {
		panic(err)
	}
	output, err := server.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := server.Start(); err != nil {
		panic(err)
	}
	if _, err := input.Write([]byte(`{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n")); err != nil {
		panic(err)
	}
	if _, err := output.Read(make([]byte, 1)); err != nil {
		panic(err)
	}
	fmt.Println("serving")
	time.Sleep(time.Hour)
}
