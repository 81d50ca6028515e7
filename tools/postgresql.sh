#!/usr/bin/env bash
# Find the system's PostgreSQL server, or install it with apt where root or sudo allow it.
# Prints nothing when it is there. The tests start a private cluster of their own from it.
set -euo pipefail

found() {
    local dir
    for dir in "${GOUJI_PG_BIN:-}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then return 0; fi
    done
    command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1
}

found && exit 0

if [ "$(id -u)" -eq 0 ]; then
    root=()
elif sudo -n true 2>/dev/null; then
    root=(sudo -n)
else
    root=(none)
fi

if [ "${root[0]:-}" != none ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing the system's postgresql (needed by the tests) ..."
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        postgresql >/dev/null
    found && exit 0
fi

echo "the tests need a PostgreSQL server on this machine. Please type:" >&2
echo "    sudo apt-get update && sudo apt-get install -y postgresql" >&2
exit 1
