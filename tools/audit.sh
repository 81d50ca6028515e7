#!/usr/bin/env bash
# Ask the public list of known vulnerabilities about every pinned version; needs the internet.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

"${1:-python3}" -m venv "$room"
"$room/bin/pip" --quiet install pip-audit
# strict: a version that could not be looked up is no version without faults
"$room/bin/pip-audit" --strict --disable-pip --no-deps --requirement "$here/constraints.txt"
