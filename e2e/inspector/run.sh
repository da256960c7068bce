#!/usr/bin/env bash
# Drives robutler-mcp with the MCP Inspector's command line: lists every tool under its strict lint and calls each with
# its own example, over stdio, Streamable HTTP and SSE, as clients of today, of the 2026-07-28 revision and of both.
#
#   run.sh [BINARY]        the embedded platform, in memory (BINARY: robutler-mcp on the PATH by default)
#
# To try it with your own account instead, set WEBAGENTS_API_KEY and ROBUTLER_INSPECTOR_FLAGS=--read-only: the tools that
# change nothing and need no ids are called then. Needs Node.js 20 or newer and npm.
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
case " ${flags[*]-} " in
  *" --sandbox "*) ;;
  *) grep -P '^(list|get)_\w+\t\{\}$' "$scratch/examples" >"$scratch/harmless"; mv "$scratch/harmless" "$scratch/examples" ;;
esac
count=$(wc -l <"$scratch/examples")

node -e '
  const [command, ...args] = process.argv.slice(1);
  console.log(JSON.stringify({ mcpServers: { robutler: { command, args } } }));
' "$binary" stdio --toolsets all --confirm off ${flags[@]+"${flags[@]}"} >"$scratch/mcp.json"

# Examples change the platform, so that each round over HTTP gets a server of its own.
address=
serve() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  "$binary" http --addr 127.0.0.1:0 --toolsets all --confirm off ${flags[@]+"${flags[@]}"} 2>"$scratch/server.log" &
  server=$!
  address=
  for _ in $(seq 100); do
    address=$(sed -n 's|.*http://\([0-9.:]*\)/mcp$|\1|p' "$scratch/server.log")
    [ -n "$address" ] && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "run.sh: the server does not say where it listens" >&2
  cat "$scratch/server.log" >&2
  exit 1
}

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

for round in stdio:legacy stdio:auto stdio:modern http:legacy http:auto http:modern sse:legacy; do
  transport=${round%:*} era=${round#*:}
  case $transport in
    stdio) target=(--config "$scratch/mcp.json" --server robutler) ;;
    http) serve; target=("http://$address/mcp" --transport http) ;;
    sse) serve; target=("http://$address/sse" --transport sse) ;;
  esac
  target+=(--protocol-era "$era")
  check "$round tools/list" '"outputSchema"' 0 "${target[@]}" --method tools/list --strict
  check "$round resources/templates/list" 'robutler://agents/{name}' 0 "${target[@]}" --method resources/templates/list
  check "$round prompts/list" 'rotate_agent_key' 0 "${target[@]}" --method prompts/list
  while IFS=$'\t' read -r tool example; do
    check "$round $tool" '"structuredContent"' 0 \
      "${target[@]}" --method tools/call --tool-name "$tool" --tool-args-json "$example"
  done <"$scratch/examples"
  check "$round bad arguments" 'did you mean tags' 5 \
    "${target[@]}" --method tools/call --tool-name list_content --tool-args-json '{"limit":1000,"tag":"x"}'
  echo "inspector: $round: $count tools"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
