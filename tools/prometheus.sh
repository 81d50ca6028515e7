#!/usr/bin/env bash
# Find Prometheus, promtool and jq, or install them with apt where root or sudo allow it. The tests scrape a line
# with the first, check the alert rules with the second, and ask logs with the third. Prints nothing when they are there.
set -euo pipefail
. "${BASH_SOURCE%/*}/packages.sh"

found() {
    local program
    for program in prometheus promtool jq; do command -v "$program" >/dev/null 2>&1 || return 1; done
}

found && exit 0

packages=(prometheus jq)
install_packages "prometheus and jq (needed by the tests of monitoring)" "${packages[@]}" && found && exit 0
ask_for "the tests of monitoring need prometheus, promtool and jq" "${packages[@]}"
