#!/usr/bin/env bash
# Fails unless everything that names the version of a release names that of its tag.
#
#   packaging/check-release.sh TAG     such as v1.2.3
set -euo pipefail
tag=$1 version=${1#v}
cd "$(dirname "$0")/.."
wrong=0
complain() { echo "$tag: $1" >&2; wrong=1; }
grep -q -x -F "const Version = \"$version\"" internal/bundles/bundles.go ||
  complain "Version in internal/bundles/bundles.go is another one: set it and run make docs"
grep -q -F "## [$version]" CHANGELOG.md || complain "CHANGELOG.md has no section ## [$version]: write it"
[ "$(cat client/next-version)" = "$tag" ] || complain "client/next-version is another one: write $tag into it"
exit $wrong
