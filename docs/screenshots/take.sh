#!/usr/bin/env bash
# Takes the documentation's pictures anew: the MCP Inspector's page in headless Chromium, connected to a server as
# make run starts it, with a home of its own. Needs Node.js 20 or newer, npm and Chromium (Debian: chromium).
#
#   take.sh [BINARY]       BINARY: bin/robutler-mcp by default; CHROMIUM names another Chromium
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "${1:-$here/../../bin/robutler-mcp}")
chromium=${CHROMIUM:-chromium}
for need in node npm "$chromium"; do
  command -v "$need" >/dev/null || { echo "take.sh: $need is missing" >&2; exit 2; }
done
chromium=$(command -v "$chromium")

recipe=$here/../../e2e/inspector
for folder in "$here" "$recipe"; do
  [ -d "$folder/node_modules" ] || (cd "$folder" && npm ci --no-progress --loglevel=error --ignore-scripts)
done

scratch=$(mktemp -d)
started=()
finish() {
  for process in ${started[@]+"${started[@]}"}; do kill "$process" 2>/dev/null || true; done
  wait
  rm -rf "$scratch"
}
trap finish EXIT
export HOME=$scratch XDG_CONFIG_HOME=$scratch/config

# await FILE PATTERN: the first match of what a process prints.
await() {
  for _ in $(seq 150); do
    grep -o -m1 -- "$2" "$1" && return
    sleep 0.2
  done
  echo "take.sh: nothing says where to go:" >&2
  cat "$1" >&2
  exit 1
}

"$binary" http --sandbox --addr 127.0.0.1:0 2>"$scratch/server.log" &
started+=($!)
server=$(await "$scratch/server.log" 'http://[0-9.:]*/mcp')

# The page is served to this machine alone and for as long as the pictures take: it needs no token.
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
CLIENT_PORT=$port MCP_AUTO_OPEN_ENABLED=false MCP_INSPECTOR_SECRET_STORE=memory DANGEROUSLY_OMIT_AUTH=true \
  "$recipe/node_modules/.bin/mcp-inspector" --web --transport http --server-url "$server" >"$scratch/inspector.log" 2>&1 &
started+=($!)
page=$(await "$scratch/inspector.log" "http://127.0.0.1:$port")

node "$here/take.mjs" "$page" "$chromium" "$scratch/profile" "$here"
