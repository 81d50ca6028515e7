#!/usr/bin/env bash
# Find the system's PostgreSQL server, or install it with apt where root or sudo allow it.
# Prints nothing when it is there. The tests start a private cluster of their own from it.
set -euo pipefail
. "${BASH_SOURCE%/*}/packages.sh"

found() {
    local dir
    for dir in "${GOUJI_PG_BIN:-}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
        "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then return 0; fi
    done
    command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1
}

found && exit 0

packages=(postgresql)
install_packages "the system's postgresql (needed by the tests)" "${packages[@]}" && found && exit 0
ask_for "the tests need a PostgreSQL server on this machine" "${packages[@]}"
