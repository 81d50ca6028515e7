#!/usr/bin/env bash
# Find Chromium, or install it with apt where root or sudo allow it. Prints nothing when it is there.
# One test clicks through the review page with it; nothing else needs it.
set -euo pipefail

found() {
    [ -n "${GOUJI_CHROMIUM:-}" ] && [ -x "$GOUJI_CHROMIUM" ] && return 0
    command -v chromium >/dev/null 2>&1
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
    echo "installing Chromium (needed by a test of the review page) ..."
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-noto-cjk >/dev/null
    found && exit 0
fi

echo "the test of the review page needs Chromium on this machine. Please type:" >&2
echo "    sudo apt-get update && sudo apt-get install -y chromium fonts-noto-cjk" >&2
exit 1
