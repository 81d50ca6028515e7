#!/usr/bin/env bash
# Make the private Python environment: environment.sh DIRECTORY
# Needs Python 3.11 or later and its pip; everything else is pinned in constraints.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python; do
        if suitable "$name"; then command -v "$name"; return; fi
    done
    return 1
}

if ! suitable "$venv/bin/python"; then
    if ! python=$(find_python); then
        echo "gouji needs Python 3.11 or later, and found none. On Debian and Ubuntu:" >&2
        echo "    sudo apt-get install python3 python3-pip" >&2
        exit 1
    fi
    echo "making $venv with $("$python" --version) ..."
    rm -rf "$venv"
    # Debian keeps ensurepip in a package of its own; without it, any pip on the machine fills in.
    if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        rm -rf "$venv"
        "$python" -m venv --without-pip "$venv"
    fi
fi

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! python3 -m pip --python "$venv/bin/python" install --quiet pip; then
        echo "no pip was found to fill $venv. On Debian and Ubuntu:" >&2
        echo "    sudo apt-get install python3-pip" >&2
        exit 1
    fi
fi

echo "installing the pinned dependencies into $venv ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable '.[dev]'
echo "$venv is ready"
