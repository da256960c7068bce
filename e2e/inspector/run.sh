#!/usr/bin/env bash
# Tests robutler-mcp with the command line of the MCP Inspector. Copy this folder (run.sh, package.json, package-lock.json)
# wherever you want; docs/inspector.md tells more.
set -euo pipefail

usage() {
  cat <<'END'
usage: run.sh [--sandbox | --account] [PROGRAM]

  --sandbox   an embedded platform, in memory: every tool is called with its own example (the default)
  --account   your own account, with the key in WEBAGENTS_API_KEY: only tools that read are offered and called, so that
              nothing is made, changed, deleted or paid
  PROGRAM     robutler-mcp, by default the one on the PATH

Environment:
  ROBUTLER_INSPECTOR_TARGET   sandbox or account, where no flag says it
  ROBUTLER_INSPECTOR_ROUNDS   some of "stdio:legacy stdio:auto stdio:modern http:legacy http:auto http:modern sse:legacy":
                              transports, and the eras of the protocol that a client insists on; all by default
  ROBUTLER_API_URL            the platform of --account, https://robutler.ai by default

Needs Node.js 20 or newer and npm. Exit status: 0 all passed, 1 something failed, 2 it could not begin.
END
}
fail() { echo "run.sh: $1" >&2; exit 2; }

target=${ROBUTLER_INSPECTOR_TARGET:-sandbox} program=
for argument in "$@"; do
  case $argument in
    --sandbox) target=sandbox ;;
    --account) target=account ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; fail "unknown flag $argument" ;;
    *) [ -z "$program" ] || fail "one program is enough: $program or $argument"; program=$argument ;;
  esac
done
rounds=${ROBUTLER_INSPECTOR_ROUNDS:-stdio:legacy stdio:auto stdio:modern http:legacy http:auto http:modern sse:legacy}

here=$(cd "$(dirname "$0")" && pwd)
binary=$(command -v "${program:-robutler-mcp}") || fail "there is no program ${program:-robutler-mcp}"
case $binary in /*) ;; *) binary=$PWD/$binary ;; esac
for need in node npm; do command -v "$need" >/dev/null || fail "$need is missing: install Node.js 20 or newer"; done

umask 077
scratch=$(mktemp -d)
server=
stop() {
  [ -n "$server" ] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
finish() { stop; rm -rf "$scratch"; }
trap finish EXIT

flags=(--toolsets all --confirm off --journal :memory:)
case $target in
  sandbox)
    unset WEBAGENTS_API_KEY ROBUTLER_API_KEY ROBUTLER_API_URL ROBUTLER_INTERNAL_API_URL
    flags+=(--sandbox --sandbox-db :memory:)
    prompt=rotate_agent_key
    ;;
  account)
    key=${WEBAGENTS_API_KEY:-${ROBUTLER_API_KEY:-}}
    [ -n "$key" ] || fail "--account needs an API key in WEBAGENTS_API_KEY; keys are made at https://robutler.ai/developer"
    # By file: the Inspector does not hand the environment on, and a command line is for everybody to see.
    printf '%s' "$key" >"$scratch/key"
    unset WEBAGENTS_API_KEY ROBUTLER_API_KEY key
    flags+=(--api-key-file "$scratch/key" --read-only)
    prompt='"prompts"'
    url=${ROBUTLER_INTERNAL_API_URL:-${ROBUTLER_API_URL:-}}
    [ -z "$url" ] || flags+=(--base-url "$url")
    ;;
  *) fail "ROBUTLER_INSPECTOR_TARGET is sandbox or account, not $target" ;;
esac

inspector=$here/node_modules/.bin/mcp-inspector
[ -x "$inspector" ] || (cd "$here" && npm ci --no-progress --loglevel=error --ignore-scripts)
export HOME=$scratch

# One line a tool: its name, a tab, its example as JSON. Of a real account nothing is known, so that tools are called
# there which read and whose examples name nothing of the sandbox's.
"$binary" tools --json "${flags[@]:0:2}" | node -e '
  const general = ["limit", "query", "capabilities", "visibility"];
  const { tools } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  for (const { name, example, annotations } of tools) {
    if (process.argv[1] === "account" && !(annotations.readOnlyHint && Object.keys(example).every((key) => general.includes(key)))) continue;
    console.log(name + "\t" + JSON.stringify(example));
  }
' "$target" >"$scratch/examples"
count=$(awk 'END { print NR }' "$scratch/examples")
[ "$count" -gt 0 ] || fail "$binary has no tools to call"

node -e '
  const [command, ...args] = process.argv.slice(1);
  const env = {};
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE"]) if (process.env[name]) env[name] = process.env[name];
  console.log(JSON.stringify({ mcpServers: { robutler: { command, args, env } } }));
' "$binary" stdio "${flags[@]}" >"$scratch/mcp.json"

# Examples change the sandbox, so that each round over HTTP gets a server of its own.
address=
serve() {
  stop
  "$binary" http --addr 127.0.0.1:0 "${flags[@]}" 2>"$scratch/server.log" &
  server=$!
  address=
  for _ in $(seq 100); do
    address=$(sed -n 's|.*http://\([0-9.:]*\)/mcp$|\1|p' "$scratch/server.log")
    [ -n "$address" ] && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$scratch/server.log" >&2
  fail "the server does not say where it listens"
}

passed=0 failed=0
ask() { # ask INSPECTOR-ARGUMENTS...: its exit status, and the files answer and errors
  status=0
  "$inspector" --cli "$@" --format json -q >"$scratch/answer" 2>"$scratch/errors" || status=$?
}
# check NAME WHAT-THE-ANSWER-SAYS EXIT-STATUS INSPECTOR-ARGUMENTS...
check() {
  local name=$1 says=$2 want=$3
  shift 3
  ask "$@"
  if [ "$status" = "$want" ] && grep -q -- "$says" "$scratch/answer"; then
    passed=$((passed + 1))
  elif [ "$target" = account ] && [ "$status" = 5 ] && grep -q 'unsupported' "$scratch/answer"; then
    echo "inspector: $name: this platform does not serve it"
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $name: exit status $status, not $want, or the answer lacks $says" >&2
    head -c 2000 "$scratch/answer" >&2
    head -c 2000 "$scratch/errors" >&2
  fi
}

for round in $rounds; do
  transport=${round%:*} era=${round#*:}
  case $transport in
    stdio) to=(--config "$scratch/mcp.json" --server robutler) ;;
    http) serve; to=("http://$address/mcp" --transport http) ;;
    sse) serve; to=("http://$address/sse" --transport sse) ;;
    *) fail "$round is no round: see --help" ;;
  esac
  to+=(--protocol-era "$era")
  check "$round tools/list" '"outputSchema"' 0 "${to[@]}" --method tools/list --strict
  check "$round resources/templates/list" 'robutler://agents/{name}' 0 "${to[@]}" --method resources/templates/list
  check "$round prompts/list" "$prompt" 0 "${to[@]}" --method prompts/list
  while IFS=$'\t' read -r tool example; do
    check "$round $tool" '"structuredContent"' 0 "${to[@]}" --method tools/call --tool-name "$tool" --tool-args-json "$example"
  done <"$scratch/examples"
  check "$round bad arguments" 'did you mean tags' 5 \
    "${to[@]}" --method tools/call --tool-name list_content --tool-args-json '{"limit":1000,"tag":"x"}'
  # Your own checks go here. This one is for a tool of yours that must stay away:
  #   ask "${to[@]}" --method tools/list; ! grep -q '"delete_agent"' "$scratch/answer" || failed=$((failed + 1))
  echo "inspector: $round: $count tools"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
