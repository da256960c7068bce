#!/usr/bin/env bash
# Runs a built image as compose.yaml and kubernetes/ do (without rights, its file system read-only) and fails unless it
# says its version, answers over stdin and stdout, serves HTTP, and ends well when it is told to.
#
#   deploy/check-image.sh IMAGE [VERSION]
#
# ENGINE names another program than docker, PORT another port of this machine than 18080.
set -euo pipefail
image=${1:?the image is missing} version=${2:-}
engine=${ENGINE:-docker} port=${PORT:-18080}
confined=(--read-only --user 65532:65532 --cap-drop ALL --security-opt no-new-privileges)
served=''
fail() { echo "$image: $1" >&2; exit 1; }
remove() { [ -z "$served" ] || "$engine" rm --force --volumes "$served" >/dev/null; }
trap remove EXIT

said=$("$engine" run --rm "${confined[@]}" --network none "$image" --version) || fail "it does not start"
[[ $said == "robutler-mcp ${version:+$version }"* ]] || fail "it says that it is $said, not version $version"
echo "$said"

# The embedded platform needs no network, and writes its database below /data.
answers=$(timeout 60 "$engine" run --rm --interactive "${confined[@]}" --network none "$image" stdio --sandbox <<'MESSAGES'
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"check-image","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get_credits","arguments":{}}}
MESSAGES
) || fail "it does not serve stdin and stdout"
[[ $answers == *'"serverInfo":{"name":"robutler-mcp"'* ]] || fail "it answers initialize with: $answers"
[[ $answers == *'"structuredContent":{"available_credits"'* ]] || fail "it answers a call with: $answers"
echo "initialize and a call over stdio: answered"

served=$("$engine" run --detach "${confined[@]}" --publish "127.0.0.1:$port:8080" "$image" \
  http --stateless --addr=0.0.0.0:8080 --auth=passthrough --behind-proxy) || fail "it does not start over HTTP"
for ((tries = 30; tries > 0; tries--)); do
  health=$(curl --silent --fail --max-time 5 "http://127.0.0.1:$port/healthz") && break
  running=$("$engine" inspect --format '{{.State.Running}}' "$served")
  if [ "$running" != true ] || [ "$tries" = 1 ]; then
    "$engine" logs "$served" >&2
    fail "it does not answer at /healthz (running: $running)"
  fi
  sleep 1
done
[ "$health" = '{"status":"ok"}' ] || fail "/healthz says $health"
"$engine" stop -t 60 "$served" >/dev/null
ended=$("$engine" wait "$served")
[ "$ended" = 0 ] || fail "it ends with status $ended when it is told to"
echo "/healthz: $health"
