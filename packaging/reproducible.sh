#!/usr/bin/env bash
# Builds the commit that is checked out twice, each time in a clone of its own, in another folder, time zone and language
# and with another umask, and compares all that a release publishes.
set -euo pipefail
cd "$(dirname "$0")/.."
make=${MAKE:-make}
source=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # build FOLDER: leaves FOLDER.sums
  mkdir -p "$(dirname "$1")"
  git clone --quiet "$source" "$1"
  mkdir "$1/.tools"
  ln -s "$source"/.tools/* "$1/.tools/" # a link in its place would be no ignored folder, and the tree changed
  "$make" --no-print-directory -C "$1" dist >"$1.log" 2>&1 || { cat "$1.log" >&2; return 1; }
  (cd "$1/dist" && find . -maxdepth 1 -type f ! -name artifacts.json ! -name metadata.json ! -name config.yaml -print0 |
    sort -z | xargs -0 sha256sum homebrew/Casks/*.rb) >"$1.sums"
}

"$make" --no-print-directory dist-tools
(umask 022; TZ=UTC LC_ALL=C build "$work/first")
(umask 077; TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 build "$work/another/second")
cat "$work/first.sums"
diff "$work/first.sums" "$work/another/second.sums"
echo "$(wc -l <"$work/first.sums") files are equal in both builds"
