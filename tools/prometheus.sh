#!/usr/bin/env bash
# Find Prometheus, promtool and jq, or install them with apt where root or sudo allow it. The tests scrape a line
# with the first, check the alert rules with the second, and ask logs with the third. Prints nothing when they are there.
set -euo pipefail

found() {
    local program
    for program in prometheus promtool jq; do command -v "$program" >/dev/null 2>&1 || return 1; done
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
    echo "installing prometheus and jq (needed by the tests of monitoring) ..."
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        prometheus jq >/dev/null
    found && exit 0
fi

echo "the tests of monitoring need prometheus, promtool and jq. Please type:" >&2
echo "    sudo apt-get update && sudo apt-get install -y prometheus jq" >&2
exit 1
