#!/usr/bin/env bash
# Drives robutler-mcp with the MCP Inspector's command line: lists the tools and calls each with its own example, over
# stdio, Streamable HTTP and SSE, as a client of today and as one of the 2026-07-28 revision.
#
#   run.sh [BINARY]        the embedded platform, in memory (BINARY: robutler-mcp on the PATH by default)
#
# To test against your own account instead, set ROBUTLER_INSPECTOR_FLAGS= (empty) and WEBAGENTS_API_KEY; the examples
# then create an agent and upload a file there. Needs Node.js 20 or newer and npm.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=${1:-robutler-mcp}
binary=$(command -v "$binary") || { echo "run.sh: no program $1" >&2; exit 2; }
case $binary in /*) ;; *) binary=$PWD/$binary ;; esac
read -r -a flags <<<"${ROBUTLER_INSPECTOR_FLAGS---sandbox --sandbox-db :memory:}"

for need in node npm; do
  command -v "$need" >/dev/null || { echo "run.sh: $need is missing: install Node.js 20 or newer" >&2; exit 2; }
done
inspector=$here/node_modules/.bin/mcp-inspector
if [ ! -x "$inspector" ]; then
  (cd "$here" && npm ci --no-progress --loglevel=error --ignore-scripts)
fi

scratch=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$scratch"
}
trap finish EXIT
export HOME=$scratch

# One line a tool: its name, a tab, its example as JSON.
"$binary" tools --json --toolsets all | node -e '
  const { tools } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  for (const tool of tools) console.log(tool.name + "\t" + JSON.stringify(tool.example));
' >"$scratch/examples"
count=$(wc -l <"$scratch/examples")

node -e '
  const [command, ...args] = process.argv.slice(1);
  console.log(JSON.stringify({ mcpServers: { robutler: { command, args } } }));
' "$binary" stdio --toolsets all ${flags[@]+"${flags[@]}"} >"$scratch/mcp.json"

"$binary" http --addr 127.0.0.1:0 --toolsets all ${flags[@]+"${flags[@]}"} 2>"$scratch/server.log" &
server=$!
address=
for _ in $(seq 100); do
  address=$(sed -n 's|.*http://\([0-9.:]*\)/mcp$|\1|p' "$scratch/server.log")
  [ -n "$address" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$scratch/server.log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$address" ] || { echo "run.sh: the server does not say where it listens" >&2; cat "$scratch/server.log" >&2; exit 1; }

passed=0 failed=0
# check NAME WHAT-THE-ANSWER-SAYS EXIT-STATUS INSPECTOR-ARGUMENTS...
check() {
  local name=$1 says=$2 want=$3 status=0
  shift 3
  "$inspector" --cli "$@" --format json -q >"$scratch/answer" 2>"$scratch/errors" || status=$?
  if [ "$status" = "$want" ] && grep -q -- "$says" "$scratch/answer"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $name: exit status $status, not $want, or the answer lacks $says" >&2
    head -c 2000 "$scratch/answer" "$scratch/errors" >&2
  fi
}

for transport in stdio http sse; do
  for era in legacy modern; do
    case $transport in
      stdio) target=(--config "$scratch/mcp.json" --server robutler) ;;
      http) target=("http://$address/mcp" --transport http) ;;
      sse) target=("http://$address/sse" --transport sse) ;;
    esac
    target+=(--protocol-era "$era")
    check "$transport $era tools/list" '"outputSchema"' 0 "${target[@]}" --method tools/list --strict
    while IFS=$'\t' read -r tool example; do
      # A name is taken once: each round creates an agent of its own.
      example=${example//data-helper/helper-$transport-$era}
      check "$transport $era $tool" '"structuredContent"' 0 \
        "${target[@]}" --method tools/call --tool-name "$tool" --tool-args-json "$example"
    done <"$scratch/examples"
    check "$transport $era bad arguments" 'did you mean tags' 5 \
      "${target[@]}" --method tools/call --tool-name list_content --tool-args-json '{"limit":1000,"tag":"x"}'
    echo "inspector: $transport $era: $count tools"
  done
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
