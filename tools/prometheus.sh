#!/usr/bin/env bash
# Find Prometheus and promtool, or install them with apt where root or sudo allow it. The tests scrape a line
# with the one and check the alert rules with the other. Prints nothing when they are there.
set -euo pipefail

found() { command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1; }

found && exit 0

if [ "$(id -u)" -eq 0 ]; then
    root=()
elif sudo -n true 2>/dev/null; then
    root=(sudo -n)
else
    root=(none)
fi

if [ "${root[0]:-}" != none ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing prometheus (needed by the tests of monitoring) ..."
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        prometheus >/dev/null
    found && exit 0
fi

echo "the tests of monitoring need prometheus and promtool. Please type:" >&2
echo "    sudo apt-get update && sudo apt-get install -y prometheus" >&2
exit 1
