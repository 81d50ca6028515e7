#!/usr/bin/env bash
# Build the wheel, install it into an environment of its own and use it from another folder.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(realpath -s "${1:-.venv/bin/python}")
constraints=$(realpath constraints.txt)
report=$(find "$PWD/examples" -type f \( -name '*.txt' -o -name '*.md' \) | sort | head -n 1)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"$python" -m pip wheel --quiet --no-deps --wheel-dir "$place/wheel" .
"$python" -m venv "$place/environment"
"$place/environment/bin/pip" install --quiet --disable-pip-version-check \
    --constraint "$constraints" "$place"/wheel/gouji-*.whl
cd "$place"
environment/bin/gouji version
environment/bin/gouji check --format jsonl "$report" | "$python" -c \
    'import json, sys; line = json.loads(sys.stdin.readline()); print(line["status"], line["title"])'
