#!/usr/bin/env bash
# Runs the MCP conformance suites: against this server's own stack with the fixtures that the suites call by name, which
# must pass all that is scored, and against the product, which must pass all that applies to it.
#
#   run.sh BINARY FIXTURES [RUNS]
#
# BINARY is robutler-mcp, FIXTURES the test binary of internal/server, RUNS how often each suite runs (1). What may fail
# is in product.yml and fixtures.yml, with the reasons. Needs npm; Node.js 22 comes with the packages on Linux and
# macOS on x64, and must be there otherwise.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
program() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }
binary=$(program "${1:?the binary}") fixtures=$(program "${2:?the fixtures}") runs=${3:-1}
for need in "$binary" "$fixtures"; do
  [ -x "$need" ] || { echo "run.sh: no program $need" >&2; exit 2; }
done

modules=$here/node_modules
if [ ! -d "$modules/conformance-0.2" ]; then
  command -v npm >/dev/null || { echo "run.sh: npm is missing: install Node.js and npm" >&2; exit 2; }
  (cd "$here" && npm ci --no-progress --loglevel=error --ignore-scripts)
fi
node=$(compgen -G "$modules/node-*/bin/node" | head -n 1) || node=node
"$node" -e 'process.exit(+(Number(process.versions.node.split(".")[0]) < 22))' ||
  { echo "run.sh: the suites need Node.js 22 or newer" >&2; exit 2; }

# The fixtures are for tests alone.
for name in test_simple_text test_missing_capability test://static-text; do
  ! grep -qaF "$name" "$binary" || { echo "run.sh: $binary contains the fixture $name" >&2; exit 1; }
done

scratch=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  server=
}
trap 'finish; rm -rf "$scratch"' EXIT

# serve NAME starts a server, in place of a shell that would be ended in its stead, and sets url.
mkfifo "$scratch/open" # the fixtures end with their input, so that they never outlive this script
exec 3<>"$scratch/open"
serve() {
  case $1 in
    fixtures) CONFORMANCE_FIXTURES_ADDR=127.0.0.1:0 exec "$fixtures" -test.run '^TestServeConformanceFixtures$' ;;
    product) exec "$binary" http --addr 127.0.0.1:0 --sandbox --sandbox-db :memory: --toolsets all ;;
  esac <"$scratch/open" >"$scratch/$1.log" 2>&1 3>&- &
  server=$!
  for _ in $(seq 200); do
    url=$(sed -n 's|.*\(http://[0-9.:]*/mcp\)$|\1|p' "$scratch/$1.log" | head -n 1)
    [ -n "$url" ] && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "run.sh: the $1 do not say where they listen" >&2
  cat "$scratch/$1.log" >&2
  exit 1
}

failed=0
# suite SERVER NAME VERSION ARGUMENTS... runs a suite as often as it is asked for, and adds a line to the table.
suite() {
  local name=$1 title=$2 version=$3 requirements= good=0 out
  shift 3
  [ "$1" = --requirements ] && requirements=$modules/conformance-$version/requirements/$2.yaml
  for run in $(seq "$runs"); do
    out=$scratch/$name-$version-${title//[^a-z0-9]/-}-$run
    mkdir "$out"
    if "$node" "$modules/conformance-$version/dist/index.js" server --url "$url" "$@" \
        --expected-failures "$here/$name.yml" -o "$out" >"$out.log" 2>&1 &&
      "$node" "$here/score.mjs" "$out" "$here/$name.yml" ${requirements:+"$requirements"} >"$out.score" 2>"$out.faults"; then
      good=$((good + 1))
    else
      failed=$((failed + 1))
      [ -e "$out.score" ] || "$node" "$here/score.mjs" "$out" "$here/$name.yml" ${requirements:+"$requirements"} >"$out.score" 2>"$out.faults" || true
      echo "FAIL $name, $title, run $run of $runs:" >&2
      if [ -s "$out.faults" ]; then cat "$out.faults"; else tail -n 20 "$out.log"; fi >&2
    fi
  done
  printf '%-9s %-26s %-8s %-9s %s\n' "$name" "$title" $(cat "$out.score") "$good/$runs" >>"$scratch/table"
}

for name in fixtures product; do
  serve "$name"
  suite "$name" "0.1.16 active" 0.1 --suite active
  suite "$name" "0.2.0-alpha.12 2025-11-25" 0.2 --requirements 2025-11-25
  suite "$name" "0.2.0-alpha.12 2026-07-28" 0.2 --requirements 2026-07-28
  kill -0 "$server" 2>/dev/null && ! grep -q 'DATA RACE\|^panic: ' "$scratch/$name.log" ||
    { failed=$((failed + 1)); echo "FAIL $name: it ended, panicked or raced:" >&2; tail -n 50 "$scratch/$name.log" >&2; }
  finish
done

printf '%-9s %-26s %-8s %-9s %s\n' server suite scored unscored "as expected"
cat "$scratch/table"
[ "$failed" = 0 ]
