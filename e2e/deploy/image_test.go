package deploy

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/e2e/internal/program"
)

// engine plays docker for deploy/check-image.sh: PROGRAM is what the image holds, FOLDER where the container's state is.
const engine = `#!/usr/bin/env bash
set -eu
echo "$*" >>"$FOLDER/asked"
command=$1 detached='' address=''
shift
running() { [ ! -s "$FOLDER/status" ]; }
case $command in
run)
  while [[ $1 == --* ]]; do
    case $1 in
    --detach) detached=yes; shift ;;
    --publish) address=${2%:*}; shift 2 ;;
    --rm | --read-only | --interactive) shift ;;
    *) shift 2 ;;
    esac
  done
  shift
  [ -n "$detached" ] || exec "$PROGRAM" "$@"
  (
    "$PROGRAM" "${@/0.0.0.0:8080/$address}" &
    echo $! >"$FOLDER/pid"
    ended=0
    wait $! || ended=$?
    echo $ended >"$FOLDER/status"
  ) >"$FOLDER/log" 2>&1 &
  until [ -s "$FOLDER/pid" ]; do sleep 0.02; done
  echo served ;;
inspect) if running; then echo true; else echo false; fi ;;
logs) cat "$FOLDER/log" ;;
stop) kill -TERM "$(cat "$FOLDER/pid")"; while running; do sleep 0.02; done ;;
wait) cat "$FOLDER/status" ;;
rm) if running; then kill -KILL "$(cat "$FOLDER/pid")"; while running; do sleep 0.02; done; fi ;;
esac
`

// checkImage checks an image that holds a script in place of the program, which the script finds in REAL.
func checkImage(t *testing.T, script, version string) (printed string, asked []string, err error) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"engine": engine, "program": "#!/usr/bin/env bash\n" + script + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700); err != nil { //nolint:gosec // they are run
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	check := exec.CommandContext(t.Context(), "../../deploy/check-image.sh", "robutler-mcp:test", version)
	check.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "FOLDER=" + folder, "ENGINE=" + filepath.Join(folder, "engine"),
		"PROGRAM=" + filepath.Join(folder, "program"), "REAL=" + program.Path(t), "PORT=" + port}
	output, failed := check.CombinedOutput()
	text, err := os.ReadFile(filepath.Join(folder, "asked"))
	if err != nil {
		t.Fatal(err)
	}
	return string(output), strings.Split(strings.TrimSpace(string(text)), "\n"), failed
}

// TestAnImageThatServesPasses runs the check with the built program, and holds every container to be as confined as those of
// compose.yaml and kubernetes/, and to be removed.
func TestAnImageThatServesPasses(t *testing.T) {
	printed, asked, err := checkImage(t, `exec "$REAL" "$@"`, "")
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	runs := 0
	for _, line := range asked {
		if !strings.HasPrefix(line, "run ") {
			continue
		}
		runs++
		for _, confined := range []string{"--read-only", "--user 65532:65532", "--cap-drop ALL", "--security-opt no-new-privileges"} {
			if !strings.Contains(line, confined) {
				t.Errorf("without %s: %s", confined, line)
			}
		}
		if detached := strings.Contains(line, "--detach"); detached == strings.Contains(line, "--rm") {
			t.Errorf("it is not removed, or ahead of time: %s", line)
		}
	}
	if last := asked[len(asked)-1]; runs != 3 || !strings.HasPrefix(last, "rm ") {
		t.Errorf("%q", asked)
	}
}

func TestAnImageThatDoesNotServeFails(t *testing.T) {
	const otherwise = `; *) exec "$REAL" "$@" ;; esac`
	for name, test := range map[string]struct{ script, version, says string }{
		"no program":    {`exit 127`, "", "does not start"},
		"other version": {`exec "$REAL" "$@"`, "v0.0.1", "not version v0.0.1"},
		"silent":        {`case $1 in stdio) cat >/dev/null ;` + otherwise, "", "answers initialize with"},
		"no platform":   {`case $1 in stdio) ROBUTLER_API_URL=http://127.0.0.1:1 exec "$REAL" stdio ;` + otherwise, "", "answers a call with"},
		"stdio fails":   {`case $1 in stdio) exit 1 ;` + otherwise, "", "does not serve stdin and stdout"},
		"no HTTP":       {`case $1 in http) echo "no address"; exit 1 ;` + otherwise, "", "no address"},
		"does not end":  {`case $1 in http) "$REAL" "$@" & served=$!; trap 'kill $served; wait $served; exit 3' TERM; wait ;` + otherwise, "", "ends with status 3"},
		"refuses":       {`case $1 in http) exec "$REAL" "$@" --upload-root /nowhere ;` + otherwise, "", "running: false"},
	} {
		t.Run(name, func(t *testing.T) {
			printed, asked, err := checkImage(t, test.script, test.version)
			if err == nil || !strings.Contains(printed, test.says) {
				t.Errorf("%v: %s", err, printed)
			}
			last := asked[len(asked)-1]
			for _, line := range asked {
				if strings.Contains(line, "--detach") && !strings.HasPrefix(last, "rm ") {
					t.Errorf("the container stays: %q", asked)
				}
			}
		})
	}
}
